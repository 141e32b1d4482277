#include <pthread.h>
#include <string.h>

#include "CCodecs.h"
#include "loaded.h"

/* libwebp's ABI, as its headers have had it since version 0.5. */
enum { DECODER_VERSION = 0x0200, STATUS_OK = 0, STATUS_SUSPENDED = 5, MODE_RGB = 0, MODE_RGBA = 1 };

typedef struct {
  int width, height, has_alpha, has_animation, format;
  uint32_t padding[5];
} features;

static struct {
  int (*get_features)(const uint8_t *, size_t, features *, int version);
  uint8_t *(*decode_rgb)(const uint8_t *, size_t, uint8_t *, size_t, int stride);
  uint8_t *(*decode_rgba)(const uint8_t *, size_t, uint8_t *, size_t, int stride);
  void *(*new_decoder)(int mode, uint8_t *, size_t, int stride);
  int (*append)(void *decoder, const uint8_t *, size_t);
  uint8_t *(*decoded)(const void *decoder, int *last_row, int *width, int *height, int *stride);
  void (*delete_decoder)(void *decoder);
  size_t (*encode_rgb)(const uint8_t *, int width, int height, int stride, float quality, uint8_t **);
  size_t (*encode_rgba)(const uint8_t *, int width, int height, int stride, float quality, uint8_t **);
  size_t (*encode_lossless_rgb)(const uint8_t *, int width, int height, int stride, uint8_t **);
  size_t (*encode_lossless_rgba)(const uint8_t *, int width, int height, int stride, uint8_t **);
  void (*release)(void *);
  int is_complete;
} webp;

static void load(void) {
  static const char *const names[] = {"libwebp.so.7", "libwebp.so.6", "libwebp.so", NULL};
  void *library = vision_load(names);
  if (!library) return;
  int complete = 1;
#define FIND(field, name) \
  *(void **)&webp.field = dlsym(library, name); \
  complete = complete && webp.field
  FIND(get_features, "WebPGetFeaturesInternal");
  FIND(decode_rgb, "WebPDecodeRGBInto");
  FIND(decode_rgba, "WebPDecodeRGBAInto");
  FIND(new_decoder, "WebPINewRGB");
  FIND(append, "WebPIAppend");
  FIND(decoded, "WebPIDecGetRGB");
  FIND(delete_decoder, "WebPIDelete");
  FIND(encode_rgb, "WebPEncodeRGB");
  FIND(encode_rgba, "WebPEncodeRGBA");
  FIND(encode_lossless_rgb, "WebPEncodeLosslessRGB");
  FIND(encode_lossless_rgba, "WebPEncodeLosslessRGBA");
  FIND(release, "WebPFree");
#undef FIND
  webp.is_complete = complete;
}

int vision_webp_is_available(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return webp.is_complete;
}

int vision_webp_header(const uint8_t *bytes, size_t count, vision_webp_features *header) {
  features found;
  memset(&found, 0, sizeof found);
  if (webp.get_features(bytes, count, &found, DECODER_VERSION) != STATUS_OK) return -1;
  header->width = found.width;
  header->height = found.height;
  header->has_alpha = found.has_alpha;
  return 0;
}

int vision_webp_read(const uint8_t *bytes, size_t count, int channels, uint8_t *pixels, size_t capacity,
                     int bytes_per_row) {
  uint8_t *read = channels == 4 ? webp.decode_rgba(bytes, count, pixels, capacity, bytes_per_row)
                                : webp.decode_rgb(bytes, count, pixels, capacity, bytes_per_row);
  return read ? 0 : -1;
}

int vision_webp_read_rows(const uint8_t *bytes, size_t count, int channels, uint8_t *pixels,
                          size_t capacity, int bytes_per_row) {
  void *decoder = webp.new_decoder(channels == 4 ? MODE_RGBA : MODE_RGB, pixels, capacity, bytes_per_row);
  if (!decoder) return -1;
  int rows = 0;
  webp.append(decoder, bytes, count);
  if (!webp.decoded(decoder, &rows, NULL, NULL, NULL)) rows = 0;
  webp.delete_decoder(decoder);
  return rows;
}

size_t vision_webp_write(const uint8_t *pixels, int width, int height, int channels, float quality,
                         uint8_t **output) {
  int stride = width * channels;
  if (quality < 0) {
    return channels == 4 ? webp.encode_lossless_rgba(pixels, width, height, stride, output)
                         : webp.encode_lossless_rgb(pixels, width, height, stride, output);
  }
  return channels == 4 ? webp.encode_rgba(pixels, width, height, stride, quality, output)
                       : webp.encode_rgb(pixels, width, height, stride, quality, output);
}

void vision_webp_release(uint8_t *output) { webp.release(output); }
