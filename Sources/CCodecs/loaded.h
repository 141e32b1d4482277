/* Libraries that are loaded when a file first asks for them, so that a machine without them still runs the program.
   Their functions are declared where they are used: the program is built without their headers. */
#pragma once
#include <dlfcn.h>
#include <stddef.h>

/* The first of these libraries (the last name is NULL) that there is; NULL where there is none. */
static inline void *vision_load(const char *const *names) {
  for (; *names; names++) {
    void *library = dlopen(*names, RTLD_NOW | RTLD_LOCAL);
    if (library) return library;
  }
  return NULL;
}
