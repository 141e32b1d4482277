#include <stdlib.h>
#include <string.h>

#include "jpeg_error.h"

enum { OUTPUT_BYTES = 64 * 1024 };

struct vision_jpeg_writer {
  struct jpeg_compress_struct info;
  vision_jpeg_error error;
  struct jpeg_destination_mgr destination;
  vision_write_bytes write;
  void *context;
  uint8_t output[OUTPUT_BYTES];
};

static vision_jpeg_writer *writer_of(j_compress_ptr info) { return info->client_data; }

static void destination_begin(j_compress_ptr info) {
  vision_jpeg_writer *writer = writer_of(info);
  writer->destination.next_output_byte = writer->output;
  writer->destination.free_in_buffer = OUTPUT_BYTES;
}

static void send(j_compress_ptr info, size_t count) {
  vision_jpeg_writer *writer = writer_of(info);
  if (count > 0 && writer->write(writer->context, writer->output, count) != 0) {
    vision_jpeg_fail((j_common_ptr)info, VISION_JPEG_IO, "cannot write");
  }
}

static boolean destination_full(j_compress_ptr info) {
  send(info, OUTPUT_BYTES);
  destination_begin(info);
  return TRUE;
}

static void destination_end(j_compress_ptr info) {
  send(info, OUTPUT_BYTES - info->dest->free_in_buffer);
}

vision_jpeg_writer *vision_jpeg_writer_create(vision_write_bytes write, void *context) {
  vision_jpeg_writer *writer = calloc(1, sizeof *writer);
  if (!writer) return NULL;
  writer->write = write;
  writer->context = context;
  writer->info.err = vision_jpeg_error_init(&writer->error, 1);
  if (setjmp(writer->error.escape)) {
    vision_jpeg_writer_destroy(writer);
    return NULL;
  }
  jpeg_create_compress(&writer->info);
  writer->info.client_data = writer;
  writer->info.dest = &writer->destination;
  writer->destination.init_destination = destination_begin;
  writer->destination.empty_output_buffer = destination_full;
  writer->destination.term_destination = destination_end;
  return writer;
}

void vision_jpeg_writer_destroy(vision_jpeg_writer *writer) {
  if (!writer) return;
  if (!setjmp(writer->error.escape)) jpeg_destroy_compress(&writer->info);
  free(writer);
}

vision_jpeg_status vision_jpeg_writer_start(vision_jpeg_writer *writer,
                                            const vision_jpeg_options *options) {
  struct jpeg_compress_struct *info = &writer->info;
  if (setjmp(writer->error.escape)) return writer->error.status;
  info->image_width = options->width;
  info->image_height = options->height;
  info->input_components = (int)options->channels;
  info->in_color_space = options->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(info);
  if (options->quantization) {
    for (int table = 0; table < 2; table++) {
      unsigned values[DCTSIZE2];
      for (int i = 0; i < DCTSIZE2; i++) values[i] = options->quantization[table * DCTSIZE2 + i];
      /* At 100 % of their values. */
      jpeg_add_quant_table(info, table, values, 100, TRUE);
    }
  } else {
    jpeg_set_quality(info, options->quality, TRUE);
  }
  info->optimize_coding = options->optimizes_huffman ? TRUE : FALSE;
  if (options->channels == 3) {
    info->comp_info[0].h_samp_factor = options->chroma_horizontal;
    info->comp_info[0].v_samp_factor = options->chroma_vertical;
  }
  if (options->progressive) jpeg_simple_progression(info);
  if (options->density_x > 0 && options->density_y > 0) {
    info->density_unit = (UINT8)options->density_unit;
    info->X_density = options->density_x;
    info->Y_density = options->density_y;
  }
  jpeg_start_compress(info, TRUE);
  return VISION_JPEG_OK;
}

vision_jpeg_status vision_jpeg_writer_marker(vision_jpeg_writer *writer, int code,
                                             const uint8_t *bytes, size_t count) {
  if (setjmp(writer->error.escape)) return writer->error.status;
  jpeg_write_marker(&writer->info, code, bytes, (unsigned)count);
  return VISION_JPEG_OK;
}

vision_jpeg_status vision_jpeg_writer_profile(vision_jpeg_writer *writer, const uint8_t *bytes,
                                              size_t count) {
  if (setjmp(writer->error.escape)) return writer->error.status;
  jpeg_write_icc_profile(&writer->info, bytes, (unsigned)count);
  return VISION_JPEG_OK;
}

vision_jpeg_status vision_jpeg_writer_write(vision_jpeg_writer *writer, const uint8_t *rows,
                                            size_t bytes_per_row, uint32_t count) {
  if (setjmp(writer->error.escape)) return writer->error.status;
  uint32_t written = 0;
  while (written < count) {
    JSAMPROW pointers[16];
    uint32_t wanted = count - written < 16 ? count - written : 16;
    for (uint32_t i = 0; i < wanted; i++) {
      /* The library only reads them; its type lacks the const. */
      pointers[i] = (JSAMPROW)(rows + (size_t)(written + i) * bytes_per_row);
    }
    JDIMENSION taken = jpeg_write_scanlines(&writer->info, pointers, wanted);
    if (taken == 0) vision_jpeg_fail((j_common_ptr)&writer->info, VISION_JPEG_CORRUPT,
                                     "more rows than the image has");
    written += taken;
  }
  return VISION_JPEG_OK;
}

vision_jpeg_status vision_jpeg_writer_finish(vision_jpeg_writer *writer) {
  if (setjmp(writer->error.escape)) return writer->error.status;
  jpeg_finish_compress(&writer->info);
  return VISION_JPEG_OK;
}

const char *vision_jpeg_writer_message(const vision_jpeg_writer *writer) {
  return writer->error.message;
}
