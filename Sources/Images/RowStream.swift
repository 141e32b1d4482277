/// Hands over an image's rows from top to bottom: a decoder, or a filter over one.
///
/// Used from one thread at a time.
public protocol RowSource: AnyObject {
  /// The layout of the rows that come.
  var layout: PixelLayout { get }
  /// What the file said beside the pixels.
  var metadata: Metadata { get }
  /// Writes the next `count` rows, or the fewer that are left, to `rows`, one behind the other, and
  /// returns how many it wrote; 0 after the last.
  func read(_ count: Int, into rows: UnsafeMutableRawPointer) throws(ImageError) -> Int
}

/// Takes an image's rows from top to bottom: an encoder.
///
/// Used from one thread at a time.
public protocol RowSink: AnyObject {
  /// Takes the next `count` rows, one behind the other.
  func write(_ count: Int, from rows: UnsafeRawPointer) throws(ImageError)
  /// Says that all rows were written. Nothing is complete before this returned.
  func finish() throws(ImageError)
}
