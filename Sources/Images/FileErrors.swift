import Files
import Glibc

extension ImageError {
  /// What the file system refused.
  package init(_ error: FileError) {
    switch error {
    case .system(let action, let code): self = .system(action, errno: code)
    case .notRegular: self = .invalidRequest("\(error)")
    }
  }
}

extension ImageError {
  /// Of work that nobody waits for any more.
  package static let cancelled = ImageError.system("given up", errno: ECANCELED)
}

extension Cancellation {
  /// - Throws: ``ImageError/cancelled`` where nobody waits any more.
  package func checkImage() throws(ImageError) {
    if isCancelled { throw .cancelled }
  }
}

extension Cancellation? {
  /// What ``isWanted(_:)`` is to be called with; valid as long as somebody holds the cancellation.
  var context: UnsafeMutableRawPointer? { map { Unmanaged.passUnretained($0).toOpaque() } }
}

/// Says C whether somebody waits: 0 where nobody does.
func isWanted(_ context: UnsafeMutableRawPointer?) -> Int32 {
  guard let context else { return 1 }
  return Unmanaged<Cancellation>.fromOpaque(context).takeUnretainedValue().isCancelled ? 0 : 1
}

/// Calls what reads or writes a file; its errors become those of images.
@inline(__always)
package func withImageErrors<Result>(
  _ body: @autoclosure () throws(FileError) -> Result
) throws(ImageError) -> Result {
  do { return try body() } catch { throw ImageError(error) }
}
