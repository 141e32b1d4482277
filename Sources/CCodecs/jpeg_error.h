/* How libjpeg's errors become values: the library calls `error_exit`, which leaves by longjmp to the
   setjmp at the top of the C function that called the library. Only C frames lie between. */
#pragma once
#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

#include "CCodecs.h"

typedef struct {
  struct jpeg_error_mgr manager; /* first, so that libjpeg's pointer is ours */
  jmp_buf escape;
  vision_jpeg_status status;
  int lenient;
  char message[JMSG_LENGTH_MAX];
  char warning[JMSG_LENGTH_MAX];
} vision_jpeg_error;

struct jpeg_error_mgr *vision_jpeg_error_init(vision_jpeg_error *error, int lenient);

/* Leaves with a status of our own and a message. */
_Noreturn void vision_jpeg_fail(j_common_ptr info, vision_jpeg_status status, const char *message);
