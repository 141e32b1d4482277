import Files
import Glibc
import Images

/// Makes a directory and those above it, as far as they are missing.
func createDirectory(_ path: FilePath) throws(RunError) {
  if FileStatus(of: path)?.kind == .directory { return }
  if path.parent != path, FileStatus(of: path.parent) == nil { try createDirectory(path.parent) }
  // Another thread may have made it in the meantime.
  guard path.withCString({ mkdir($0, 0o777) }) == 0 || errno == EEXIST else {
    throw .stopped("\(path): cannot be made a directory: \(errorText(errno))")
  }
  guard FileStatus(of: path)?.kind == .directory else {
    throw .stopped("\(path): there is a file of that name; give another directory")
  }
}

/// Why a small file could not be read.
struct ReadingError: Error, CustomStringConvertible {
  let path: FilePath
  let reason: String

  var description: String { "\(path): \(reason)" }
}

/// The contents of a small file that a run needs; of `-` standard input.
func readFile(_ path: FilePath) throws(ReadingError) -> [UInt8] {
  let descriptor =
    path.isStandardStream ? STDIN_FILENO : path.withCString { open($0, O_RDONLY | O_CLOEXEC) }
  guard descriptor >= 0 else {
    throw ReadingError(path: path, reason: "cannot be opened: \(errorText(errno))")
  }
  defer { if descriptor != STDIN_FILENO { close(descriptor) } }
  var contents: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
    if count == 0 { return contents }
    if count < 0, errno == EINTR { continue }
    guard count > 0 else {
      throw ReadingError(path: path, reason: "cannot be read: \(errorText(errno))")
    }
    contents += buffer[..<count]
    guard contents.count <= 16 << 20 else {
      throw ReadingError(path: path, reason: "larger than 16 MiB, which no such file is")
    }
  }
}
