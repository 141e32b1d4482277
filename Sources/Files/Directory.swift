import Glibc

/// Directories by paths of any bytes.
package enum Directory {
  /// The names in a directory, sorted by their bytes, without `.` and `..`.
  package static func names(in pathBytes: [UInt8]) throws(FileError) -> [[UInt8]] {
    guard let stream = opendir(cString(pathBytes)) else {
      throw .system("cannot read directory", errno: errno)
    }
    defer { closedir(stream) }
    var names: [[UInt8]] = []
    while let entry = readdir(stream) {
      // d_name is a NUL-terminated string inside the entry.
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
    }
    return names.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// Makes a directory, and those above it, as far as they are missing.
  ///
  /// - Throws: `EEXIST` where something else has its name, `ENOTDIR` where something else is above it.
  package static func create(_ pathBytes: [UInt8]) throws(FileError) {
    if kind(pathBytes) == S_IFDIR { return }
    let slash = UInt8(ascii: "/")
    var parent = pathBytes
    while parent.last == slash { parent.removeLast() }
    if let end = parent.lastIndex(of: slash), end > 0 {
      let above = Array(parent[..<end])
      // What is there and no directory is named by what follows: it is not this name that is taken.
      if kind(above) == nil { try create(above) }
    }
    guard mkdir(cString(pathBytes), 0o777) != 0 else { return }
    let code = errno
    // Another process may have made it meanwhile.
    guard kind(pathBytes) == S_IFDIR else { throw .system("cannot create directory", errno: code) }
  }

  /// What a path leads to, as `S_IFMT` tells it; nil where nothing is there.
  private static func kind(_ pathBytes: [UInt8]) -> mode_t? {
    var status = stat()
    return stat(cString(pathBytes), &status) == 0 ? status.st_mode & S_IFMT : nil
  }
}

/// A path for the system: with a NUL at its end.
package func cString(_ pathBytes: [UInt8]) -> [CChar] {
  pathBytes.map { CChar(bitPattern: $0) } + [0]
}
