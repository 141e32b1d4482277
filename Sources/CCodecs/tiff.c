#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CCodecs.h"
#include "loaded.h"

/* libtiff's ABI (version 4), as far as it is used. */
typedef struct tiff TIFF;
typedef long (*read_procedure)(void *, void *, long);
typedef uint64_t (*seek_procedure)(void *, uint64_t, int);
typedef int (*close_procedure)(void *);
typedef uint64_t (*size_procedure)(void *);
typedef int (*map_procedure)(void *, void **, uint64_t *);
typedef void (*unmap_procedure)(void *, void *, uint64_t);
typedef void (*message_handler)(const char *, const char *, va_list);

static struct {
  TIFF *(*open)(const char *, const char *, void *, read_procedure, read_procedure, seek_procedure,
                close_procedure, size_procedure, map_procedure, unmap_procedure);
  void (*close)(TIFF *);
  int (*get)(TIFF *, uint32_t, ...);
  int (*get_defaulted)(TIFF *, uint32_t, ...);
  int (*set)(TIFF *, uint32_t, ...);
  uint32_t (*count_directories)(TIFF *);
  int (*is_tiled)(TIFF *);
  uint64_t (*strip_size)(TIFF *);
  uint64_t (*tile_size)(TIFF *);
  long (*read_strip)(TIFF *, uint32_t, void *, long);
  int (*read_row)(TIFF *, void *, uint32_t row, uint16_t plane);
  long (*read_tile)(TIFF *, uint32_t, void *, long);
  int (*rgba_is_possible)(TIFF *, char[1024]);
  int (*read_rgba)(TIFF *, uint32_t, uint32_t, uint32_t *, int orientation, int stop);
  message_handler (*set_error_handler)(message_handler);
  message_handler (*set_warning_handler)(message_handler);
  int is_complete;
} tiff;

struct vision_tiff {
  TIFF *file;
  const uint8_t *bytes;
  uint64_t count, position;
  vision_is_wanted is_wanted;
  void *context;
};

/* The library has one handler for all files; a file is used by one thread. */
static _Thread_local char message[256];

static void keep_message(const char *module, const char *format, va_list arguments) {
  (void)module;
  if (!message[0]) vsnprintf(message, sizeof message, format, arguments);
}

static void load(void) {
  static const char *const names[] = {"libtiff.so.6", "libtiff.so.5", "libtiff.so", NULL};
  void *library = vision_load(names);
  if (!library) return;
  int complete = 1;
#define FIND(field, name) \
  *(void **)&tiff.field = dlsym(library, name); \
  complete = complete && tiff.field
  FIND(open, "TIFFClientOpen");
  FIND(close, "TIFFClose");
  FIND(get, "TIFFGetField");
  FIND(get_defaulted, "TIFFGetFieldDefaulted");
  FIND(set, "TIFFSetField");
  FIND(count_directories, "TIFFNumberOfDirectories");
  FIND(is_tiled, "TIFFIsTiled");
  FIND(strip_size, "TIFFStripSize64");
  FIND(tile_size, "TIFFTileSize64");
  FIND(read_strip, "TIFFReadEncodedStrip");
  FIND(read_row, "TIFFReadScanline");
  FIND(read_tile, "TIFFReadEncodedTile");
  FIND(rgba_is_possible, "TIFFRGBAImageOK");
  FIND(read_rgba, "TIFFReadRGBAImageOriented");
  FIND(set_error_handler, "TIFFSetErrorHandler");
  FIND(set_warning_handler, "TIFFSetWarningHandler");
#undef FIND
  if (!complete) return;
  tiff.set_error_handler(keep_message);
  tiff.set_warning_handler(NULL);
  tiff.is_complete = 1;
}

int vision_tiff_is_available(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return tiff.is_complete;
}

static long read_bytes(void *context, void *buffer, long count) {
  vision_tiff *file = context;
  if (file->is_wanted && !file->is_wanted(file->context)) return 0;
  if (count < 0 || file->position >= file->count) return 0;
  uint64_t left = file->count - file->position;
  size_t taken = (uint64_t)count < left ? (size_t)count : (size_t)left;
  memcpy(buffer, file->bytes + file->position, taken);
  file->position += taken;
  return (long)taken;
}

static long write_nothing(void *context, void *buffer, long count) {
  (void)context, (void)buffer, (void)count;
  return 0;
}

static uint64_t seek_bytes(void *context, uint64_t offset, int whence) {
  vision_tiff *file = context;
  uint64_t base = whence == SEEK_CUR ? file->position : whence == SEEK_END ? file->count : 0;
  return file->position = base + offset;
}

static int close_nothing(void *context) { return (void)context, 0; }

static uint64_t size_of_bytes(void *context) { return ((vision_tiff *)context)->count; }

static int map_nothing(void *context, void **base, uint64_t *count) {
  return (void)context, (void)base, (void)count, 0;
}

static void unmap_nothing(void *context, void *base, uint64_t count) {
  (void)context, (void)base, (void)count;
}

vision_tiff *vision_tiff_open(const uint8_t *bytes, size_t count) {
  message[0] = 0;
  vision_tiff *file = calloc(1, sizeof *file);
  if (!file) return NULL;
  file->bytes = bytes;
  file->count = count;
  /* m: nothing is mapped. */
  file->file = tiff.open("", "rm", file, read_bytes, write_nothing, seek_bytes, close_nothing,
                         size_of_bytes, map_nothing, unmap_nothing);
  if (file->file) return file;
  free(file);
  return NULL;
}

void vision_tiff_watch(vision_tiff *file, vision_is_wanted is_wanted, void *context) {
  file->is_wanted = is_wanted;
  file->context = context;
}

void vision_tiff_close(vision_tiff *file) {
  tiff.close(file->file);
  free(file);
}

enum {
  WIDTH = 256, HEIGHT = 257, BITS = 258, COMPRESSION = 259, PHOTOMETRIC = 262, ORIENTATION = 274,
  SAMPLES = 277, ROWS_PER_STRIP = 278, RESOLUTION_X = 282, RESOLUTION_Y = 283, PLANAR = 284,
  RESOLUTION_UNIT = 296, TILE_WIDTH = 322, TILE_HEIGHT = 323, EXTRA_SAMPLES = 338,
  SAMPLE_FORMAT = 339, XMP = 700, ICC = 34675, JPEG_COLOR_MODE = 65538,
};

int vision_tiff_header(vision_tiff *file, vision_tiff_features *header) {
  message[0] = 0;
  memset(header, 0, sizeof *header);
  TIFF *image = file->file;
  if (!tiff.get(image, WIDTH, &header->width) || !tiff.get(image, HEIGHT, &header->height)) return -1;
  if (!tiff.get(image, PHOTOMETRIC, &header->photometric)) return -1;
  tiff.get_defaulted(image, BITS, &header->bits);
  tiff.get_defaulted(image, COMPRESSION, &header->compression);
  tiff.get_defaulted(image, ORIENTATION, &header->orientation);
  tiff.get_defaulted(image, SAMPLES, &header->samples);
  tiff.get_defaulted(image, PLANAR, &header->planar);
  tiff.get_defaulted(image, SAMPLE_FORMAT, &header->sample_format);
  uint16_t extra = 0, *kinds = NULL;
  if (tiff.get_defaulted(image, EXTRA_SAMPLES, &extra, &kinds) && extra > 0 && kinds) {
    header->extra_samples = extra;
    header->alpha = kinds[0];
  }
  header->is_tiled = tiff.is_tiled(image);
  if (header->is_tiled) {
    if (!tiff.get(image, TILE_WIDTH, &header->block_width) ||
        !tiff.get(image, TILE_HEIGHT, &header->block_height)) return -1;
    header->block_bytes = tiff.tile_size(image);
  } else {
    header->block_width = header->width;
    tiff.get_defaulted(image, ROWS_PER_STRIP, &header->block_height);
    if (header->block_height > header->height) header->block_height = header->height;
    header->block_bytes = tiff.strip_size(image);
  }
  if (header->block_width == 0 || header->block_height == 0 || header->block_bytes == 0) return -1;
  if (tiff.get(image, RESOLUTION_X, &header->resolution_x) &&
      tiff.get(image, RESOLUTION_Y, &header->resolution_y)) {
    tiff.get_defaulted(image, RESOLUTION_UNIT, &header->resolution_unit);
  }
  void *data = NULL;
  uint32_t count = 0;
  if (tiff.get(image, ICC, &count, &data) && data) {
    header->profile = data;
    header->profile_count = count;
  }
  if (tiff.get(image, XMP, &count, &data) && data) {
    header->xmp = data;
    header->xmp_count = count;
  }
  return 0;
}

uint32_t vision_tiff_pages(vision_tiff *file) { return tiff.count_directories(file->file) & 0xFFFFFF; }

long vision_tiff_read_block(vision_tiff *file, int is_tiled, uint32_t index, uint8_t *block, size_t capacity) {
  message[0] = 0;
  return is_tiled ? tiff.read_tile(file->file, index, block, (long)capacity)
                  : tiff.read_strip(file->file, index, block, (long)capacity);
}

int vision_tiff_read_row(vision_tiff *file, uint32_t row, int plane, uint8_t *samples) {
  message[0] = 0;
  return tiff.read_row(file->file, samples, row, (uint16_t)plane) == 1 ? 0 : -1;
}

int vision_tiff_read_rgba(vision_tiff *file, uint32_t width, uint32_t height, uint32_t *pixels, int lenient) {
  char reason[1024] = "";
  message[0] = 0;
  if (!tiff.rgba_is_possible(file->file, reason)) {
    snprintf(message, sizeof message, "%.200s", reason);
    return VISION_TIFF_UNSUPPORTED;
  }
  /* Upright as stored: the caller turns it. */
  const int top_left = 1;
  if (!tiff.read_rgba(file->file, width, height, pixels, top_left, !lenient)) return VISION_TIFF_DAMAGED;
  return message[0] ? VISION_TIFF_DAMAGED : VISION_TIFF_OK;
}

const char *vision_tiff_message(void) { return message; }
