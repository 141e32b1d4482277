import Files
import Glibc

/// A data file's bytes, unpacked where they are a gzip stream.
enum DataFile {
  /// No dataset of the formats that are read here is larger.
  private static let largest = 4 << 30

  static func contents(_ path: String) throws(DatasetError) -> [UInt8] {
    let bytes = try read(path)
    return bytes.starts(with: [0x1F, 0x8B]) ? try unpack(bytes, path) : bytes
  }

  /// The first bytes, unpacked; fewer where the file is shorter or damaged.
  static func beginning(_ path: String, count: Int) throws(DatasetError) -> [UInt8] {
    let packed = try read(path, limit: 1 << 12)
    guard packed.starts(with: [0x1F, 0x8B]) else { return Array(packed.prefix(count)) }
    guard let inflater = try? Inflater(gzip: true) else { return [] }
    var bytes = [UInt8](repeating: 0, count: count)
    let step = packed.withUnsafeBytes { input in
      bytes.withUnsafeMutableBytes { inflater.run(input, into: $0) }
    }
    return Array(bytes.prefix(step.produced))
  }

  private static func read(_ path: String, limit: Int = .max) throws(DatasetError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(path: path, errno: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .system(path: path, errno: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .corrupt(path: path, "not a file") }
    guard status.st_size <= largest else { throw .corrupt(path: path, "larger than 4 GiB") }
    var bytes = [UInt8](repeating: 0, count: min(Int(status.st_size), limit))
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .system(path: path, errno: errno) }
      if count == 0 { break }
      done += count
    }
    bytes.removeLast(bytes.count - done)
    return bytes
  }

  private static func unpack(_ packed: [UInt8], _ path: String) throws(DatasetError) -> [UInt8] {
    guard let inflater = try? Inflater(gzip: true) else { throw .system(path: path, errno: ENOMEM) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    var position = 0
    while true {
      let step = packed.withUnsafeBytes { input in
        piece.withUnsafeMutableBytes { output in
          inflater.run(UnsafeRawBufferPointer(rebasing: input[position...]), into: output)
        }
      }
      position += step.consumed
      bytes.append(contentsOf: piece[..<step.produced])
      guard bytes.count <= largest else { throw .corrupt(path: path, "unpacks to more than 4 GiB") }
      switch step.status {
      case .done: return bytes
      case .more:
        if step.consumed == 0, step.produced == 0 {
          throw .corrupt(path: path, "the gzip stream is cut short")
        }
      case .corrupt, .wrongChecksum: throw .corrupt(path: path, "the gzip stream is damaged")
      }
    }
  }

  /// The lines of a text file, without those that are empty; nil where there is no such file.
  static func lines(_ path: String) throws(DatasetError) -> [String]? {
    guard access(path, F_OK) == 0 else { return nil }
    guard let text = String(validating: try contents(path), as: UTF8.self) else {
      throw .corrupt(path: path, "not UTF-8")
    }
    return text.split(whereSeparator: \.isNewline).map {
      String($0.drop(while: \.isWhitespace))
    }.filter { !$0.isEmpty }
  }
}
