#include <pthread.h>
#include <string.h>

#include "CCodecs.h"
#include "loaded.h"

/* libwebp's ABI, as its headers have had it since version 0.5. */
enum {
  DECODER_VERSION = 0x0200, ENCODER_VERSION = 0x0200, STATUS_OK = 0, STATUS_SUSPENDED = 5, MODE_RGB = 0,
  MODE_RGBA = 1
};

typedef struct {
  int width, height, has_alpha, has_animation, format;
  uint32_t padding[5];
} features;

/* What of WebPConfig is used; behind it room for what else it has. */
typedef struct {
  int lossless;
  int rest[127];
} config;

/* WebPPicture, whose fields up to the hook have kept their places through version 2 of the encoder's ABI. */
typedef struct picture {
  int use_argb, colorspace, width, height;
  uint8_t *y, *u, *v;
  int y_stride, uv_stride;
  uint8_t *a;
  int a_stride;
  uint32_t padding_1[2];
  uint32_t *argb;
  int argb_stride;
  uint32_t padding_2[3];
  int (*write)(const uint8_t *, size_t, const struct picture *);
  void *writer;
  int extra_info_type;
  uint8_t *extra_info;
  void *statistics;
  int error;
  int (*progress)(int percent, const struct picture *);
  void *user_data;
  uint32_t rest[64];
} picture;

/* WebPMemoryWriter. */
typedef struct {
  uint8_t *bytes;
  size_t count, capacity;
  uint32_t rest[8];
} memory_writer;

static struct {
  int (*get_features)(const uint8_t *, size_t, features *, int version);
  void *(*new_decoder)(int mode, uint8_t *, size_t, int stride);
  /* Of all bytes so far; they stay where they are. */
  int (*update)(void *decoder, const uint8_t *, size_t);
  uint8_t *(*decoded)(const void *decoder, int *last_row, int *width, int *height, int *stride);
  void (*delete_decoder)(void *decoder);
  int (*init_config)(config *, int preset, float quality, int version);
  int (*init_picture)(picture *, int version);
  int (*import_rgb)(picture *, const uint8_t *, int stride);
  int (*import_rgba)(picture *, const uint8_t *, int stride);
  int (*encode)(const config *, picture *);
  void (*free_picture)(picture *);
  void (*init_writer)(memory_writer *);
  int (*write_memory)(const uint8_t *, size_t, const picture *);
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
  FIND(new_decoder, "WebPINewRGB");
  FIND(update, "WebPIUpdate");
  FIND(decoded, "WebPIDecGetRGB");
  FIND(delete_decoder, "WebPIDelete");
  FIND(init_config, "WebPConfigInitInternal");
  FIND(init_picture, "WebPPictureInitInternal");
  FIND(import_rgb, "WebPPictureImportRGB");
  FIND(import_rgba, "WebPPictureImportRGBA");
  FIND(encode, "WebPEncode");
  FIND(free_picture, "WebPPictureFree");
  FIND(init_writer, "WebPMemoryWriterInit");
  FIND(write_memory, "WebPMemoryWrite");
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

int vision_webp_read(const uint8_t *bytes, size_t count, int parts, int channels, uint8_t *pixels,
                     size_t capacity, int bytes_per_row, int *is_whole, vision_is_wanted is_wanted,
                     void *context) {
  void *decoder = webp.new_decoder(channels == 4 ? MODE_RGBA : MODE_RGB, pixels, capacity, bytes_per_row);
  if (!decoder) return -1;
  int rows = 0, status = STATUS_SUSPENDED;
  for (int part = 1; part <= parts && status == STATUS_SUSPENDED && is_wanted(context); part++) {
    status = webp.update(decoder, bytes, part < parts ? count / parts * part : count);
  }
  *is_whole = status == STATUS_OK;
  if (!webp.decoded(decoder, &rows, NULL, NULL, NULL)) rows = 0;
  webp.delete_decoder(decoder);
  return rows;
}

typedef struct {
  vision_is_wanted ask;
  void *context;
} watch;

static int goes_on(int percent, const picture *image) {
  (void)percent;
  const watch *watch = image->user_data;
  return watch->ask(watch->context);
}

/* As WebPEncodeRGB and its kin do it, watched. */
size_t vision_webp_write(const uint8_t *pixels, int width, int height, int channels, float quality,
                         uint8_t **output, vision_is_wanted is_wanted, void *context) {
  const float lossless_quality = 70;
  const int is_lossless = quality < 0, default_preset = 0;
  config settings;
  picture image;
  memory_writer writer;
  watch watch = {is_wanted, context};
  *output = NULL;
  if (!webp.init_config(&settings, default_preset, is_lossless ? lossless_quality : quality,
                        ENCODER_VERSION) ||
      !webp.init_picture(&image, ENCODER_VERSION)) return 0;
  settings.lossless = image.use_argb = is_lossless;
  image.width = width;
  image.height = height;
  webp.init_writer(&writer);
  image.write = webp.write_memory;
  image.writer = &writer;
  image.progress = goes_on;
  image.user_data = &watch;
  int is_done = (channels == 4 ? webp.import_rgba(&image, pixels, width * 4)
                               : webp.import_rgb(&image, pixels, width * 3)) &&
                webp.encode(&settings, &image);
  webp.free_picture(&image);
  if (!is_done) {
    webp.release(writer.bytes);
    return 0;
  }
  *output = writer.bytes;
  return writer.count;
}

void vision_webp_release(uint8_t *output) { webp.release(output); }
