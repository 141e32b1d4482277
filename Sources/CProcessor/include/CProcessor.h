#pragma once

#include <stdint.h>

/// The highest x86-64 level (1 to 4, of the x86-64 psABI) that processor and operating system
/// support together; 0 on other architectures.
int processor_x86_64_level(void);

/// How many processors this process may run on, by its affinity; at least 1.
int processor_count(void);

/// Asks the processor to fetch the cache line that lies `offset` bytes after `start`. The address
/// need not exist.
__attribute__((always_inline)) static inline void processor_fetch_to_read(
    const void *start, long offset) {
  __builtin_prefetch((const void *)((uintptr_t)start + (uintptr_t)offset), 0);
}

/// The same for a line that will be written.
__attribute__((always_inline)) static inline void processor_fetch_to_write(
    const void *start, long offset) {
  __builtin_prefetch((const void *)((uintptr_t)start + (uintptr_t)offset), 1);
}
