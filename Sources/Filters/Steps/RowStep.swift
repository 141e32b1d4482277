import Files
import Images

/// One step of a chain, prepared for one layout of image.
protocol RowStep: Sendable {
  /// What goes in and what comes out.
  var input: PixelLayout { get }
  var output: PixelLayout { get }
  /// Whether rows are needed in another order than from top to bottom, or all of them at once.
  var needsWholeImage: Bool { get }
  /// The input rows from which these output rows are computed.
  func inputRows(for rows: Range<Int>) -> Range<Int>
  /// Somebody who computes rows, with memory of its own.
  func makeWorker() -> any RowWorker
  /// The step with what only a look at the whole image tells (the rows and columns of `selection`:
  /// statistics are taken of these), on up to `threads` threads; itself where nothing does.
  func adapted(to image: InputRows, in selection: Selection, threads: Int) -> any RowStep
  /// What holds for the output of what holds for the input.
  func metadata(_ metadata: Metadata) -> Metadata
  /// The threshold that an adapted step chose, if it chooses one.
  var threshold: Double? { get }
  /// What a user should know of this image, in one line.
  var warning: String? { get }
  /// The steps that it consists of where each can hold its input on its own, so that what goes in
  /// need not be held when only what comes of it is.
  var parts: [any RowStep] { get }
}

extension RowStep {
  var threshold: Double? { nil }
  var warning: String? { nil }
  var parts: [any RowStep] { [self] }
  func metadata(_ metadata: Metadata) -> Metadata { metadata }
  func adapted(to image: InputRows, in selection: Selection, threads: Int) -> any RowStep { self }
}

/// Computes rows of a step; used by one thread at a time.
protocol RowWorker: AnyObject {
  /// Computes output rows. `input` holds at least the rows that the step asks for, `output` has
  /// room for all of `rows`.
  func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer)
}

/// Consecutive rows of an image in memory.
///
/// Unchecked: whoever makes one keeps the memory alive and unchanged while it is read.
struct InputRows: @unchecked Sendable {
  /// Where the row `first` begins.
  let base: UnsafeRawPointer
  /// The number of the first row in memory.
  let first: Int
  let bytesPerRow: Int
  /// Of the work that reads them; nil where nobody can end it.
  var cancellation: Cancellation?

  /// Whether nobody waits for what is made of the rows. Long loops then leave out what they have not done.
  var isCancelled: Bool { cancellation?.isCancelled == true }

  /// Where a row begins.
  subscript(row: Int) -> UnsafeRawPointer { base + (row - first) * bytesPerRow }

  /// Where a row of samples of this type begins.
  ///
  /// Safe: images are aligned to 16 bytes and a row is a whole number of samples.
  func samples<Sample>(_ row: Int, as type: Sample.Type) -> UnsafePointer<Sample> {
    self[row].assumingMemoryBound(to: type)
  }
}
