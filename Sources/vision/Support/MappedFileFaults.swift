import Glibc

/// Model files are read through the pages of memory that they are mapped to.
enum MappedFileFaults {
  /// Has the program say so and stop when another one cuts a mapped file short, or its disk fails,
  /// while it is read: the kernel tells this by SIGBUS, and there is nothing to go on with.
  static func stopWithMessage() {
    signal(SIGBUS) { _ in
      // A handler may call no more than this.
      let message: StaticString =
        "vision: a model file was truncated or became unreadable while in use\n"
      _ = write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
      _exit(ExitStatus.aborted.rawValue)
    }
  }
}
