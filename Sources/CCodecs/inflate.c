#include <isa-l.h>
#include <limits.h>
#include <stdlib.h>

#include "CCodecs.h"

struct vision_inflate {
  struct inflate_state state;
};

vision_inflate *vision_inflate_create(vision_inflate_format format) {
  vision_inflate *inflate = malloc(sizeof *inflate);
  if (!inflate) return NULL;
  isal_inflate_init(&inflate->state);
  inflate->state.crc_flag = format == VISION_INFLATE_GZIP ? ISAL_GZIP : ISAL_ZLIB;
  return inflate;
}

void vision_inflate_destroy(vision_inflate *inflate) { free(inflate); }

vision_inflate_step vision_inflate_run(vision_inflate *inflate, const uint8_t *input, size_t count,
                                       uint8_t *output, size_t capacity) {
  struct inflate_state *state = &inflate->state;
  uint32_t offered = count < INT_MAX ? (uint32_t)count : INT_MAX;
  uint32_t room = capacity < INT_MAX ? (uint32_t)capacity : INT_MAX;
  state->next_in = (uint8_t *)input;
  state->avail_in = offered;
  state->next_out = output;
  state->avail_out = room;
  int result = isal_inflate(state);
  vision_inflate_step step = {VISION_INFLATE_MORE, offered - state->avail_in,
                              room - state->avail_out};
  if (result == ISAL_INCORRECT_CHECKSUM) {
    step.status = VISION_INFLATE_CHECKSUM;
  } else if (result != ISAL_DECOMP_OK && result != ISAL_END_INPUT && result != ISAL_OUT_OVERFLOW) {
    step.status = VISION_INFLATE_CORRUPT;
  } else if (state->block_state == ISAL_BLOCK_FINISH) {
    step.status = VISION_INFLATE_DONE;
  }
  return step;
}

uint32_t vision_crc32(uint32_t crc, const uint8_t *bytes, size_t count) {
  return crc32_gzip_refl(crc, bytes, count);
}
