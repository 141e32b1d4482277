import Glibc

/// A folder that is gone, with all that is in it, when the object goes.
public final class TemporaryFolder: Sendable {
  public let path: String

  public init() {
    var template = Array("/tmp/vision-test-XXXXXX".utf8CString)
    path = String(cString: mkdtemp(&template))
  }

  deinit { _ = system("chmod -R u+rwx '\(path)'; rm -rf '\(path)'") }

  /// Writes a file, and the folders that it lies in; returns its path.
  @discardableResult
  public func write(_ bytes: [UInt8], to name: String) -> String {
    let target = path + "/" + name
    for (place, character) in zip(target.indices, target) where character == "/" {
      mkdir(String(target[..<place]), 0o755)
    }
    let file = fopen(target, "wb")!
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
    return target
  }
}

/// All bytes of a file.
public func contents(_ path: String) -> [UInt8] {
  let file = fopen(path, "rb")!
  defer { fclose(file) }
  fseek(file, 0, SEEK_END)
  var bytes = [UInt8](repeating: 0, count: ftell(file))
  rewind(file)
  bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
  return bytes
}
