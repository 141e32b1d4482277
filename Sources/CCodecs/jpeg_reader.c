#include <jerror.h>
#include <stdlib.h>
#include <string.h>

#include "jpeg_error.h"

enum { INPUT_BYTES = 64 * 1024 };

/* Each scan of a progressive image goes over all of its pixels. A thousand megapixels are some seconds; beyond, a few
   kilobytes of empty scans would keep a processor busy for minutes. */
static const uint64_t MOST_SCANNED_PIXELS = 1000 * 1000 * 1000;

struct vision_jpeg_reader {
  struct jpeg_decompress_struct info;
  vision_jpeg_error error;
  struct jpeg_source_mgr source;
  struct jpeg_progress_mgr progress;
  vision_read_bytes read;
  vision_is_wanted is_wanted;
  void *context;
  jpeg_saved_marker_ptr next_marker;
  uint8_t input[INPUT_BYTES];
};

static vision_jpeg_reader *reader_of(j_decompress_ptr info) { return info->client_data; }

static void source_begin(j_decompress_ptr info) { (void)info; }

static boolean source_fill(j_decompress_ptr info) {
  vision_jpeg_reader *reader = reader_of(info);
  long count = reader->read(reader->context, reader->input, INPUT_BYTES);
  if (count < 0) vision_jpeg_fail((j_common_ptr)info, VISION_JPEG_IO, "cannot read");
  if (count == 0) {
    WARNMS(info, JWRN_JPEG_EOF);
    /* An end-of-image marker makes the library stop where the file does. */
    reader->input[0] = 0xFF;
    reader->input[1] = JPEG_EOI;
    count = 2;
  }
  reader->source.next_input_byte = reader->input;
  reader->source.bytes_in_buffer = (size_t)count;
  return TRUE;
}

static void source_skip(j_decompress_ptr info, long count) {
  struct jpeg_source_mgr *source = info->src;
  while (count > (long)source->bytes_in_buffer) {
    count -= (long)source->bytes_in_buffer;
    source_fill(info);
  }
  if (count > 0) {
    source->next_input_byte += count;
    source->bytes_in_buffer -= (size_t)count;
  }
}

static void source_end(j_decompress_ptr info) { (void)info; }

static void watch(j_common_ptr common) {
  j_decompress_ptr info = (j_decompress_ptr)common;
  vision_jpeg_reader *reader = reader_of(info);
  if (!reader->is_wanted(reader->context)) vision_jpeg_fail(common, VISION_JPEG_IO, "given up");
  uint64_t pixels = (uint64_t)info->image_width * info->image_height;
  if ((uint64_t)info->input_scan_number * pixels > MOST_SCANNED_PIXELS) {
    vision_jpeg_fail(common, VISION_JPEG_SCANS,
                     "its scans times its megapixels are more than 1000, as no real image has");
  }
}

vision_jpeg_reader *vision_jpeg_reader_create(vision_read_bytes read, vision_is_wanted is_wanted,
                                              void *context, int lenient) {
  vision_jpeg_reader *reader = calloc(1, sizeof *reader);
  if (!reader) return NULL;
  reader->read = read;
  reader->is_wanted = is_wanted;
  reader->context = context;
  reader->info.err = vision_jpeg_error_init(&reader->error, lenient);
  if (setjmp(reader->error.escape)) {
    vision_jpeg_reader_destroy(reader);
    return NULL;
  }
  jpeg_create_decompress(&reader->info);
  reader->info.client_data = reader;
  reader->info.src = &reader->source;
  reader->source.init_source = source_begin;
  reader->source.fill_input_buffer = source_fill;
  reader->source.skip_input_data = source_skip;
  reader->source.resync_to_restart = jpeg_resync_to_restart;
  reader->source.term_source = source_end;
  reader->progress.progress_monitor = watch;
  reader->info.progress = &reader->progress;
  jpeg_save_markers(&reader->info, JPEG_APP0 + 1, 0xFFFF);
  jpeg_save_markers(&reader->info, JPEG_APP0 + 2, 0xFFFF);
  /* Of Photoshop's resources only that there are some. */
  jpeg_save_markers(&reader->info, JPEG_APP0 + 13, 16);
  jpeg_save_markers(&reader->info, JPEG_COM, 0xFFFF);
  return reader;
}

void vision_jpeg_reader_destroy(vision_jpeg_reader *reader) {
  if (!reader) return;
  if (!setjmp(reader->error.escape)) jpeg_destroy_decompress(&reader->info);
  free(reader);
}

static vision_jpeg_color color_of(const struct jpeg_decompress_struct *info) {
  switch (info->jpeg_color_space) {
    case JCS_GRAYSCALE: return VISION_JPEG_GRAY;
    case JCS_CMYK:
    case JCS_YCCK:
      return info->saw_Adobe_marker ? VISION_JPEG_CMYK_INVERTED : VISION_JPEG_CMYK;
    default: return VISION_JPEG_RGB;
  }
}

/* The quantization tables and sampling factors, where every component has them. */
static void describe_compression(struct jpeg_decompress_struct *info, vision_jpeg_header *header) {
  const jpeg_component_info *luma = &info->comp_info[0];
  const jpeg_component_info *chroma = &info->comp_info[info->num_components > 1 ? 1 : 0];
  if (luma->quant_tbl_no < 0 || luma->quant_tbl_no >= NUM_QUANT_TBLS || chroma->quant_tbl_no < 0 ||
      chroma->quant_tbl_no >= NUM_QUANT_TBLS) return;
  const JQUANT_TBL *tables[2] = {info->quant_tbl_ptrs[luma->quant_tbl_no],
                                 info->quant_tbl_ptrs[chroma->quant_tbl_no]};
  if (!tables[0] || !tables[1]) return;
  for (int table = 0; table < 2; table++) {
    memcpy(header->quantization[table], tables[table]->quantval, sizeof header->quantization[table]);
  }
  header->luma_horizontal = luma->h_samp_factor;
  header->luma_vertical = luma->v_samp_factor;
  header->chroma_horizontal = chroma->h_samp_factor;
  header->chroma_vertical = chroma->v_samp_factor;
}

vision_jpeg_status vision_jpeg_reader_header(vision_jpeg_reader *reader,
                                             vision_jpeg_header *header) {
  struct jpeg_decompress_struct *info = &reader->info;
  memset(header, 0, sizeof *header);
  if (setjmp(reader->error.escape)) return reader->error.status;
  jpeg_read_header(info, TRUE);
  reader->next_marker = info->marker_list;
  if (info->data_precision != 8) {
    vision_jpeg_fail((j_common_ptr)info, VISION_JPEG_UNSUPPORTED,
                     "only 8 bits a sample are read");
  }
  header->width = info->image_width;
  header->height = info->image_height;
  header->color = color_of(info);
  header->is_luma_chroma =
      info->jpeg_color_space == JCS_YCbCr || info->jpeg_color_space == JCS_YCCK;
  switch (header->color) {
    case VISION_JPEG_GRAY:
      header->channels = 1;
      info->out_color_space = JCS_GRAYSCALE;
      break;
    case VISION_JPEG_RGB:
      header->channels = 3;
      info->out_color_space = JCS_RGB;
      break;
    default:
      header->channels = 4;
      info->out_color_space = JCS_CMYK;
  }
  header->progressive = info->progressive_mode;
  header->arithmetic = info->arith_code;
  if (jpeg_has_multiple_scans(info)) {
    for (int c = 0; c < info->num_components; c++) {
      jpeg_component_info *component = &info->comp_info[c];
      size_t across = component->width_in_blocks + (size_t)component->h_samp_factor;
      size_t down = component->height_in_blocks + (size_t)component->v_samp_factor;
      header->whole_image_bytes += across * down * sizeof(JBLOCK);
    }
  }
  header->has_density = info->saw_JFIF_marker;
  describe_compression(info, header);
  header->density_unit = info->density_unit;
  header->density_x = info->X_density;
  header->density_y = info->Y_density;
  return VISION_JPEG_OK;
}

int vision_jpeg_reader_next_marker(vision_jpeg_reader *reader, vision_jpeg_marker *marker) {
  jpeg_saved_marker_ptr next = reader->next_marker;
  if (!next) return 0;
  marker->code = next->marker;
  marker->bytes = next->data;
  marker->count = next->data_length;
  reader->next_marker = next->next;
  return 1;
}

vision_jpeg_status vision_jpeg_reader_reduce(vision_jpeg_reader *reader, uint32_t sufficient_side,
                                             uint32_t *width, uint32_t *height) {
  struct jpeg_decompress_struct *info = &reader->info;
  if (setjmp(reader->error.escape)) return reader->error.status;
  uint32_t side = info->image_width < info->image_height ? info->image_width : info->image_height;
  uint32_t halvings = 0;
  while (halvings < 3 && side >> (halvings + 1) >= sufficient_side) halvings++;
  info->scale_num = 8u >> halvings;
  info->scale_denom = 8;
  jpeg_calc_output_dimensions(info);
  *width = info->output_width;
  *height = info->output_height;
  return VISION_JPEG_OK;
}

vision_jpeg_status vision_jpeg_reader_start(vision_jpeg_reader *reader, size_t memory_limit) {
  if (setjmp(reader->error.escape)) return reader->error.status;
  reader->info.mem->max_memory_to_use = (long)memory_limit;
  jpeg_start_decompress(&reader->info);
  return VISION_JPEG_OK;
}

vision_jpeg_status vision_jpeg_reader_read(vision_jpeg_reader *reader, uint8_t *rows,
                                           size_t bytes_per_row, uint32_t count,
                                           uint32_t *rows_read) {
  struct jpeg_decompress_struct *info = &reader->info;
  *rows_read = 0;
  if (setjmp(reader->error.escape)) return reader->error.status;
  while (*rows_read < count && info->output_scanline < info->output_height) {
    JSAMPROW pointers[16];
    uint32_t wanted = count - *rows_read < 16 ? count - *rows_read : 16;
    for (uint32_t i = 0; i < wanted; i++) {
      pointers[i] = rows + (size_t)(*rows_read + i) * bytes_per_row;
    }
    *rows_read += jpeg_read_scanlines(info, pointers, wanted);
  }
  return VISION_JPEG_OK;
}

vision_jpeg_status vision_jpeg_reader_finish(vision_jpeg_reader *reader) {
  if (setjmp(reader->error.escape)) return reader->error.status;
  jpeg_finish_decompress(&reader->info);
  return VISION_JPEG_OK;
}

const char *vision_jpeg_reader_message(const vision_jpeg_reader *reader) {
  return reader->error.message;
}

const char *vision_jpeg_reader_warning(const vision_jpeg_reader *reader) {
  return reader->error.warning;
}
