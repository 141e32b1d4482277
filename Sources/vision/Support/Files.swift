import Files
import Glibc

/// Makes a directory and those above it, as far as they are missing.
func createDirectory(_ path: FilePath) throws(RunError) {
  do throws(FileError) { try Directory.create(path.bytes) } catch {
    guard case .system(_, EEXIST) = error else { throw .aborted("\(path): \(error)") }
    throw .aborted("\(path): a file of that name exists; choose another directory")
  }
}

/// Writes a file as a whole or not at all.
func writeText(_ text: String, to path: FilePath) throws(RunError) {
  do throws(FileError) {
    let file = try AtomicFile(pathBytes: path.bytes)
    try file.write(Array(text.utf8))
    try file.commit()
  } catch { throw .aborted("\(path): \(error)") }
}

/// Why a small file could not be read.
struct ReadingError: Error, CustomStringConvertible {
  let path: FilePath
  let reason: String

  var description: String { "\(path): \(reason)" }
}

/// The contents of a small file that a run needs; of `-` standard input.
func readFile(_ path: FilePath) throws(ReadingError) -> [UInt8] {
  let limit = 16 << 20
  let contents: [UInt8]
  do throws(FileError) {
    let reader =
      path.isStandardStream
      ? ByteReader(fileDescriptor: STDIN_FILENO) : try ByteReader(pathBytes: path.bytes)
    contents = try reader.read(limit + 1)
  } catch { throw ReadingError(path: path, reason: "\(error)") }
  guard contents.count <= limit else {
    throw ReadingError(path: path, reason: "larger than the 16 MiB allowed for this kind of file")
  }
  return contents
}
