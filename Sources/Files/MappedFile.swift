import Glibc

/// A file's bytes in memory, brought in page by page as they are touched.
///
/// Sendable: the mapping is read-only and lives as long as the object. Reading on in a file that
/// another process cut short is SIGBUS, which the command turns into a message; replace files by
/// renaming.
package final class MappedFile: @unchecked Sendable {
  package let bytes: UnsafeRawBufferPointer

  package init(path: String) throws(FileError) {
    let descriptor = open(cString(PathText.bytes(of: path)), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system("cannot open", errno: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .system("cannot read", errno: errno)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .notRegular
    }
    guard status.st_size > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    let address = mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let address, address != MAP_FAILED else {
      throw .system("cannot map", errno: errno)
    }
    bytes = UnsafeRawBufferPointer(start: address, count: Int(status.st_size))
  }

  /// A copy of the first bytes; fewer where the file is shorter.
  package func bytes(first count: Int) -> [UInt8] {
    withExtendedLifetime(self) { Array(bytes.prefix(count)) }
  }

  deinit {
    if let address = bytes.baseAddress {
      munmap(UnsafeMutableRawPointer(mutating: address), bytes.count)
    }
  }
}
