import ArgumentParser
import Files
import Glibc
import Images

/// What happens to results that exist, and to what links lead to.
struct BatchOptions: ParsableArguments {
  @Flag(
    help: """
      Replace files that do not say that vision wrote them, too, and with --in-place animations by their first image.
      """)
  var overwrite = false

  @Flag(help: "Leave inputs alone whose result exists already.")
  var skipExisting = false

  @Flag(help: "Give results the times of their inputs.")
  var preserveTimes = false

  @Flag(help: "With --in-place: change files outside the directory, too, where links lead there.")
  var followLinks = false
}

/// When a file was last read and changed.
struct FileTimes {
  private let times: [timespec]

  /// Nil where there is no such file.
  init?(of path: FilePath) {
    var status = stat()
    guard !path.isStandardStream, path.withCString({ stat($0, &status) }) == 0 else { return nil }
    times = [status.st_atim, status.st_mtim]
  }

  func apply(to path: FilePath) throws(ImageError) {
    guard path.withCString({ utimensat(AT_FDCWD, $0, times, 0) }) == 0 else {
      throw .system("cannot set the times of \(path)", errno: errno)
    }
  }
}
