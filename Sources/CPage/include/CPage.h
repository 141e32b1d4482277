#pragma once

#include <stddef.h>

/// A file of the page.
struct page_file {
  const char *name;
  const unsigned char *bytes;
  size_t count;
};

/// All of them, and how many there are.
const struct page_file *page_files(size_t *count);
