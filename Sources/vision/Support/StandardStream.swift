import Files
import Glibc

/// Standard output and standard error.
enum StandardStream: CInt {
  case output = 1
  case error = 2

  var isTerminal: Bool { isatty(rawValue) == 1 }

  /// - Throws: a usage error where the bytes of an image would go to a terminal.
  func refuseTerminal() throws(RunError) {
    guard isTerminal else { return }
    throw .usage("an image is not for the terminal; redirect standard output or give -o a file")
  }

  /// Puts /dev/null in the place of each standard stream that is closed, opened so that what is
  /// wanted of it fails (messages vanish). Otherwise the next file that is opened would take its
  /// number, and get what was meant for it.
  static func reserveDescriptors() {
    for (stream, mode) in [
      (STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY),
    ] where fcntl(stream, F_GETFD) < 0 {
      // It gets the lowest free number, which is the stream's, those below being taken.
      _ = open("/dev/null", mode)
    }
  }

  /// Writes all of a text. An error (a full disk behind standard output) ends the program: who reads
  /// the results must not take a part for the whole.
  func write(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while let start = rest.baseAddress, rest.count > 0 {
        let count = Glibc.write(rawValue, start, rest.count)
        if count >= 0 {
          rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        } else if errno != EINTR {
          guard self == .output else { return }
          Console.error("cannot write to standard output: \(errorText(errno))")
          exit(ExitStatus.aborted.rawValue)
        }
      }
    }
  }
}
