#include "jpeg_error.h"

#include <jerror.h>
#include <string.h>

static vision_jpeg_status status_of(int code) {
  switch (code) {
    case JERR_BAD_PRECISION:
    case JERR_SOF_UNSUPPORTED:
    case JERR_ARITH_NOTIMPL:
    case JERR_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_COMPONENT_COUNT:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_CCIR601_NOTIMPL:
    case JERR_IMAGE_TOO_BIG:
      return VISION_JPEG_UNSUPPORTED;
    case JERR_OUT_OF_MEMORY:
    case JERR_NO_BACKING_STORE:
    case JERR_WIDTH_OVERFLOW:
      return VISION_JPEG_MEMORY;
    case JERR_INPUT_EMPTY:
    case JERR_INPUT_EOF:
    case JWRN_JPEG_EOF:
      return VISION_JPEG_TRUNCATED;
    default:
      return VISION_JPEG_CORRUPT;
  }
}

/* The warnings after which pixels are missing or wrong. The others (bytes between markers, an
   unknown Adobe transform) leave the image whole. */
static int is_damage(int code) {
  switch (code) {
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:
    case JWRN_NOT_SEQUENTIAL:
      return 1;
    default:
      return 0;
  }
}

static _Noreturn void leave(j_common_ptr info) {
  vision_jpeg_error *error = (vision_jpeg_error *)info->err;
  error->status = status_of(info->err->msg_code);
  info->err->format_message(info, error->message);
  longjmp(error->escape, 1);
}

static void note(j_common_ptr info, int level) {
  vision_jpeg_error *error = (vision_jpeg_error *)info->err;
  if (level >= 0) return;
  if (!error->lenient && is_damage(info->err->msg_code)) leave(info);
  if (error->manager.num_warnings++ == 0) info->err->format_message(info, error->warning);
}

static void print_nothing(j_common_ptr info) { (void)info; }

struct jpeg_error_mgr *vision_jpeg_error_init(vision_jpeg_error *error, int lenient) {
  jpeg_std_error(&error->manager);
  error->manager.error_exit = leave;
  error->manager.emit_message = note;
  error->manager.output_message = print_nothing;
  error->lenient = lenient;
  return &error->manager;
}

_Noreturn void vision_jpeg_fail(j_common_ptr info, vision_jpeg_status status, const char *message) {
  vision_jpeg_error *error = (vision_jpeg_error *)info->err;
  error->status = status;
  strncpy(error->message, message, sizeof error->message - 1);
  longjmp(error->escape, 1);
}
