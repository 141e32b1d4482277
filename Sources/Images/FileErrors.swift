import Files

extension ImageError {
  /// What the file system refused.
  package init(_ error: FileError) {
    switch error {
    case .system(let action, let code): self = .system(action, errno: code)
    case .notRegular: self = .invalidRequest("\(error)")
    }
  }
}

/// Calls what reads or writes a file; its errors become those of images.
@inline(__always)
package func withImageErrors<Result>(
  _ body: @autoclosure () throws(FileError) -> Result
) throws(ImageError) -> Result {
  do { return try body() } catch { throw ImageError(error) }
}
