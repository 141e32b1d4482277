#include <isa-l.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "CCodecs.h"

size_t vision_deflate_bound(size_t count) {
  /* Stored blocks of at most 65,535 bytes (isa-l) or 16 KiB (zlib at memLevel 8) with five bytes
     each, a flush, and what isa-l wants free to begin a block. */
  return count + count / 1000 * 2 + 5 * (count / 16000 + 2) + 1024;
}

/* isa-l 2.30 files the third byte's position under a hash of the stream's address (its levels 1 and 2
   take the wrong register after the first byte), so that a few strips in a thousand differ from run
   to run. The mistake is without effect where the first call takes that one byte only: it leaves what
   it may still need to look ahead to for the next call, which begins anew. */
static const size_t first_bytes = ISAL_LOOK_AHEAD + 1;

static size_t deflate_isal(int level, int last, const uint8_t *input, size_t count, uint8_t *output,
                           size_t capacity) {
  const uint32_t buffer_size = level == 1 ? ISAL_DEF_LVL1_DEFAULT : ISAL_DEF_LVL3_DEFAULT;
  struct isal_zstream *stream = malloc(sizeof *stream);
  uint8_t *buffer = malloc(buffer_size);
  size_t written = 0;
  if (stream && buffer) {
    isal_deflate_init(stream);
    stream->level = (uint32_t)level;
    stream->level_buf = buffer;
    stream->level_buf_size = buffer_size;
    stream->gzip_flag = IGZIP_DEFLATE;
    stream->next_in = (uint8_t *)input;
    stream->next_out = output;
    stream->avail_out = (uint32_t)capacity;
    stream->avail_in = (uint32_t)first_bytes;
    stream->flush = NO_FLUSH;
    int is_begun = isal_deflate(stream) == COMP_OK;
    stream->avail_in += (uint32_t)(count - first_bytes);
    stream->flush = last ? NO_FLUSH : FULL_FLUSH;
    stream->end_of_stream = last ? 1 : 0;
    if (is_begun && isal_deflate(stream) == COMP_OK && stream->avail_in == 0 &&
        stream->avail_out > 0) {
      written = stream->total_out;
    }
  }
  free(buffer);
  free(stream);
  return written;
}

/* Some milliseconds' work: what is compressed before it is asked again whether somebody waits. How the input comes in
   pieces does not change the output. */
static const size_t piece_bytes = 256 << 10;

static size_t deflate_zlib(int level, int strategy, int chain, int last, const uint8_t *input,
                           size_t count, uint8_t *output, size_t capacity,
                           vision_is_wanted is_wanted, void *context) {
  z_stream stream;
  memset(&stream, 0, sizeof stream);
  if (deflateInit2(&stream, level, Z_DEFLATED, -15, 9, strategy) != Z_OK) return 0;
  /* Level 6 with shorter hash chains, which cost most and save least. */
  if (chain) deflateTune(&stream, 8, 16, 128, chain);
  stream.next_in = (Bytef *)input;
  stream.next_out = output;
  stream.avail_out = (uInt)capacity;
  int result = Z_OK, wanted = is_wanted(context);
  while (result == Z_OK && wanted && count > piece_bytes) {
    stream.avail_in = (uInt)piece_bytes;
    result = deflate(&stream, Z_NO_FLUSH);
    if (stream.avail_in > 0) result = Z_BUF_ERROR;
    count -= piece_bytes;
    wanted = is_wanted(context);
  }
  int complete = 0;
  if (result == Z_OK && wanted) {
    stream.avail_in = (uInt)count;
    result = deflate(&stream, last ? Z_FINISH : Z_FULL_FLUSH);
    complete = last ? result == Z_STREAM_END
                    : result == Z_OK && stream.avail_in == 0 && stream.avail_out > 0;
  }
  size_t written = complete ? stream.total_out : 0;
  deflateEnd(&stream);
  return written;
}

size_t vision_deflate_strip(vision_deflate_effort effort, int last, const uint8_t *input,
                            size_t count, uint8_t *output, size_t capacity,
                            vision_is_wanted is_wanted, void *context) {
  if (count > INT_MAX / 2 || capacity > INT_MAX) return 0;
  if (count <= first_bytes && effort <= VISION_DEFLATE_FAST) effort = VISION_DEFLATE_NORMAL;
  switch (effort) {
    case VISION_DEFLATE_FASTEST: return deflate_isal(1, last, input, count, output, capacity);
    case VISION_DEFLATE_FAST: return deflate_isal(3, last, input, count, output, capacity);
    case VISION_DEFLATE_NORMAL:
      return deflate_zlib(6, Z_DEFAULT_STRATEGY, 0, last, input, count, output, capacity, is_wanted,
                          context);
    case VISION_DEFLATE_THOROUGH:
      return deflate_zlib(6, Z_DEFAULT_STRATEGY, 64, last, input, count, output, capacity, is_wanted,
                          context);
    case VISION_DEFLATE_RUNS:
      return deflate_zlib(6, Z_RLE, 0, last, input, count, output, capacity, is_wanted, context);
  }
  return 0;
}

uint32_t vision_adler32(uint32_t adler, const uint8_t *bytes, size_t count) {
  return (uint32_t)adler32_z(adler, bytes, count);
}

uint32_t vision_adler32_combine(uint32_t first, uint32_t second, size_t count) {
  return (uint32_t)adler32_combine(first, second, (z_off_t)count);
}
