#pragma once

// The parts of the system's library that Swift's Glibc leaves out.
#include <fcntl.h>
#include <malloc.h>
#include <sys/syscall.h>
#include <unistd.h>

/// Opens a file without a name: in a folder, or where its file system has none such, in memory; -1 where there is no
/// room.
static inline int open_unnamed_file(const char *folder) {
  const int file = open(folder, __O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  return file >= 0 ? file : (int)syscall(SYS_memfd_create, "vision", 1u);
}
