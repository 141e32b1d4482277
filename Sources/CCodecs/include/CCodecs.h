/* The C libraries behind the image codecs, with nothing of theirs in sight: no longjmp crosses a
   function declared here, every error comes back as a value. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* ---- Bytes in and out ---------------------------------------------------------------------- */

/* Fills at most `capacity` bytes; returns how many, 0 at the end, -1 on an error. */
typedef long (*vision_read_bytes)(void *context, uint8_t *buffer, size_t capacity);
/* Takes `count` bytes; returns 0, or -1 on an error. */
typedef int (*vision_write_bytes)(void *context, const uint8_t *bytes, size_t count);
/* Asked every now and then in work that takes long; 0 where nobody waits for it any more, which makes it fail. */
typedef int (*vision_is_wanted)(void *context);

/* ---- Inflate (isa-l) ----------------------------------------------------------------------- */

typedef struct vision_inflate vision_inflate;

typedef enum {
  VISION_INFLATE_MORE,     /* all input taken or all output filled */
  VISION_INFLATE_DONE,     /* the stream ended and its checksum is right */
  VISION_INFLATE_CORRUPT,  /* not a stream of that format */
  VISION_INFLATE_CHECKSUM, /* the checksum is wrong */
} vision_inflate_status;

typedef struct {
  vision_inflate_status status;
  size_t consumed; /* bytes of input taken */
  size_t produced; /* bytes of output written */
} vision_inflate_step;

typedef enum { VISION_INFLATE_ZLIB, VISION_INFLATE_GZIP } vision_inflate_format;

/* NULL when there is no memory. */
vision_inflate *vision_inflate_create(vision_inflate_format format);
void vision_inflate_destroy(vision_inflate *inflate);
vision_inflate_step vision_inflate_run(vision_inflate *inflate, const uint8_t *input, size_t count,
                                       uint8_t *output, size_t capacity);

/* ---- Deflate (isa-l for speed, zlib for size) ---------------------------------------------- */

typedef enum {
  VISION_DEFLATE_FASTEST,  /* isa-l level 1 */
  VISION_DEFLATE_FAST,     /* isa-l level 3 */
  VISION_DEFLATE_NORMAL,   /* zlib level 6 */
  VISION_DEFLATE_THOROUGH, /* the same with shorter hash chains: what most images bear */
  VISION_DEFLATE_RUNS,     /* zlib's Z_RLE: bytes that repeat, and Huffman's code */
} vision_deflate_effort;

/* How many bytes `vision_deflate_strip` may need for `count` bytes. */
size_t vision_deflate_bound(size_t count);

/* Compresses `count` bytes to raw deflate blocks that end on a byte boundary, so that strips
   compressed on their own can stand one behind the other; `last` ends the stream. Returns the bytes
   written, 0 on failure. */
size_t vision_deflate_strip(vision_deflate_effort effort, int last, const uint8_t *input,
                            size_t count, uint8_t *output, size_t capacity,
                            vision_is_wanted is_wanted, void *context);

/* ---- Checksums ------------------------------------------------------------------------------ */

/* CRC-32 of PNG chunks and gzip; begins with 0. */
uint32_t vision_crc32(uint32_t crc, const uint8_t *bytes, size_t count);
/* Adler-32 of zlib streams; begins with 1. */
uint32_t vision_adler32(uint32_t adler, const uint8_t *bytes, size_t count);
/* The Adler-32 of two pieces of which the second has `count` bytes. */
uint32_t vision_adler32_combine(uint32_t first, uint32_t second, size_t count);

/* ---- JPEG (libjpeg-turbo) ------------------------------------------------------------------- */

typedef enum {
  VISION_JPEG_OK,
  VISION_JPEG_TRUNCATED,
  VISION_JPEG_CORRUPT,
  VISION_JPEG_UNSUPPORTED,
  VISION_JPEG_SCANS,  /* so many scans that decoding takes too long */
  VISION_JPEG_MEMORY, /* more memory needed than allowed, or than there is */
  VISION_JPEG_IO,     /* a callback returned -1, or that nobody waits */
} vision_jpeg_status;

typedef enum {
  VISION_JPEG_GRAY,
  VISION_JPEG_RGB,           /* stored as YCbCr or RGB, handed over as RGB */
  VISION_JPEG_CMYK,          /* 0 is no ink */
  VISION_JPEG_CMYK_INVERTED, /* 255 is no ink, as Adobe stores it */
} vision_jpeg_color;

typedef struct {
  uint32_t width, height;
  uint32_t channels; /* of the rows that come: 1, 3 or 4 */
  vision_jpeg_color color;
  int is_luma_chroma; /* stored as YCbCr or YCCK */
  int progressive;
  int arithmetic;
  size_t whole_image_bytes; /* memory for the coefficients when the image has several scans, else 0 */
  int has_density;          /* whether there is a JFIF header, which gives pixels per unit */
  int density_unit;         /* 0 none: the shape of a pixel; 1 inch, 2 centimeter */
  uint32_t density_x, density_y;
  int luma_horizontal, luma_vertical; /* sampling factors; 0 where the quantization is not known */
  int chroma_horizontal, chroma_vertical;
  uint16_t quantization[2][64]; /* of luma and chroma, in rows */
} vision_jpeg_header;

typedef struct {
  int code; /* 0xE0 + n, or 0xFE for a comment */
  const uint8_t *bytes;
  size_t count;
} vision_jpeg_marker;

typedef struct vision_jpeg_reader vision_jpeg_reader;

/* NULL when there is no memory. With `lenient`, damage is a warning and fills the rest in. */
vision_jpeg_reader *vision_jpeg_reader_create(vision_read_bytes read, vision_is_wanted is_wanted,
                                              void *context, int lenient);
void vision_jpeg_reader_destroy(vision_jpeg_reader *reader);
vision_jpeg_status vision_jpeg_reader_header(vision_jpeg_reader *reader, vision_jpeg_header *header);
/* The APP1, APP2, APP13 (cut short) and COM markers before the image, one after the other; 0 when there is none left. */
int vision_jpeg_reader_next_marker(vision_jpeg_reader *reader, vision_jpeg_marker *marker);
/* Between header and start: halves the sides of the rows that come, up to three times, as long as the
   shorter keeps `sufficient_side` pixels; says their size. */
vision_jpeg_status vision_jpeg_reader_reduce(vision_jpeg_reader *reader, uint32_t sufficient_side,
                                             uint32_t *width, uint32_t *height);
vision_jpeg_status vision_jpeg_reader_start(vision_jpeg_reader *reader, size_t memory_limit);
/* Reads at most `count` rows of `bytes_per_row` each; `*rows_read` are there even on an error. */
vision_jpeg_status vision_jpeg_reader_read(vision_jpeg_reader *reader, uint8_t *rows,
                                           size_t bytes_per_row, uint32_t count,
                                           uint32_t *rows_read);
/* Reads to the end of the file after the last row. */
vision_jpeg_status vision_jpeg_reader_finish(vision_jpeg_reader *reader);
/* What went wrong in the last call that failed, in libjpeg's words. */
const char *vision_jpeg_reader_message(const vision_jpeg_reader *reader);
/* The first warning, or "" when there was none. */
const char *vision_jpeg_reader_warning(const vision_jpeg_reader *reader);

typedef struct {
  uint32_t width, height;
  uint32_t channels;     /* 1 or 3 */
  int quality;           /* 1…100 */
  int chroma_horizontal; /* 1, 2 or 4 luma samples across for each chroma sample */
  int chroma_vertical;   /* 1 or 2 down */
  int density_unit;      /* 0 none: the shape of a pixel; 1 inch, 2 centimeter */
  uint16_t density_x, density_y; /* 0: nothing is said */
  const uint16_t *quantization;  /* two tables of 64, in rows, in place of a quality; or NULL */
  int progressive;               /* this and the next keep all coefficients in memory */
  int optimizes_huffman;
} vision_jpeg_options;

typedef struct vision_jpeg_writer vision_jpeg_writer;

vision_jpeg_writer *vision_jpeg_writer_create(vision_write_bytes write, void *context);
void vision_jpeg_writer_destroy(vision_jpeg_writer *writer);
vision_jpeg_status vision_jpeg_writer_start(vision_jpeg_writer *writer,
                                            const vision_jpeg_options *options);
/* Between start and the first row. At most 65,533 bytes. */
vision_jpeg_status vision_jpeg_writer_marker(vision_jpeg_writer *writer, int code,
                                             const uint8_t *bytes, size_t count);
vision_jpeg_status vision_jpeg_writer_profile(vision_jpeg_writer *writer, const uint8_t *bytes,
                                              size_t count);
vision_jpeg_status vision_jpeg_writer_write(vision_jpeg_writer *writer, const uint8_t *rows,
                                            size_t bytes_per_row, uint32_t count);
vision_jpeg_status vision_jpeg_writer_finish(vision_jpeg_writer *writer);
const char *vision_jpeg_writer_message(const vision_jpeg_writer *writer);

/* ---- WebP (libwebp, loaded when it is first needed) ------------------------------------------ */

typedef struct {
  int width, height;
  int has_alpha;
} vision_webp_features;

/* Whether the library is there. Nothing else of this section may be called where it is not. */
int vision_webp_is_available(void);
/* Of a still image, a file of its own; 0, or -1 where it is damaged. */
int vision_webp_header(const uint8_t *bytes, size_t count, vision_webp_features *header);
/* Decodes to RGB or RGBA in `parts` steps; returns how many rows came, -1 without memory. `*is_whole` is 1 where all of
   it was there and sound. */
int vision_webp_read(const uint8_t *bytes, size_t count, int parts, int channels, uint8_t *pixels,
                     size_t capacity, int bytes_per_row, int *is_whole, vision_is_wanted is_wanted,
                     void *context);
/* Encodes RGB or RGBA, lossless where `quality` is negative; returns how many bytes `*output` has, 0 on failure.
   `*output` goes to vision_webp_release. */
size_t vision_webp_write(const uint8_t *pixels, int width, int height, int channels, float quality,
                         uint8_t **output, vision_is_wanted is_wanted, void *context);
void vision_webp_release(uint8_t *output);

/* ---- TIFF (libtiff, loaded when it is first needed) ------------------------------------------ */

typedef struct {
  uint32_t width, height;
  uint16_t bits, samples, photometric, planar, sample_format, compression, orientation;
  uint16_t extra_samples, alpha; /* how many, and what the first is: 1 premultiplied alpha, 2 alpha */
  int is_tiled;
  uint32_t block_width, block_height; /* of a tile or strip */
  uint64_t block_bytes;
  float resolution_x, resolution_y;
  uint16_t resolution_unit; /* 2 inch, 3 centimeter, 0 when there is no resolution */
  const uint8_t *profile, *xmp;
  size_t profile_count, xmp_count;
} vision_tiff_features;

typedef struct vision_tiff vision_tiff;

enum { VISION_TIFF_OK, VISION_TIFF_DAMAGED, VISION_TIFF_UNSUPPORTED };

/* Whether the library is there. Nothing else of this section may be called where it is not. */
int vision_tiff_is_available(void);
/* Reads from memory, which must stay until the file is closed. NULL where it is no TIFF. */
vision_tiff *vision_tiff_open(const uint8_t *bytes, size_t count);
/* Asked from now on before a tile or strip is decoded. */
void vision_tiff_watch(vision_tiff *file, vision_is_wanted is_wanted, void *context);
void vision_tiff_close(vision_tiff *file);
/* Of the first image; 0, or -1 where it is damaged. What it points to stays until the file is closed. */
int vision_tiff_header(vision_tiff *file, vision_tiff_features *header);
uint32_t vision_tiff_pages(vision_tiff *file);
/* Decodes a tile or strip; returns the bytes that came, -1 on damage. */
long vision_tiff_read_block(vision_tiff *file, int is_tiled, uint32_t index, uint8_t *block, size_t capacity);
/* Decodes a row of an image in strips, the rows of a plane one after the other; 0, or -1 on damage. `plane` is 0 unless
   each channel lies in a plane of its own. */
int vision_tiff_read_row(vision_tiff *file, uint32_t row, int plane, uint8_t *samples);
/* Decodes the whole image to 8-bit RGBA, premultiplied, whatever it is stored as. */
int vision_tiff_read_rgba(vision_tiff *file, uint32_t width, uint32_t height, uint32_t *pixels, int lenient);
/* What went wrong in the last call of this thread that failed, in libtiff's words. */
const char *vision_tiff_message(void);
