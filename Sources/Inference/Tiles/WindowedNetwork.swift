import Engine
import Files
import ModelFiles
import Networks
import Tensors

/// A network that says something of each pixel of an image of any size, made ready to run in windows.
///
/// An image that fits a window is seen as a whole. Over a larger one lie windows of one size that overlap and do
/// not reach beyond it, so that its border looks to the network as it does in training; of each pixel the
/// window says that sees it at least ``overlap`` pixels from its own edge, where that is not the image's.
/// Results depend on neither the number of threads nor the order of windows. A network without padding, whose
/// result is smaller than its input, takes windows that reach beyond the image, and no overlap.
public final class WindowedNetwork: Sendable {
  /// Channels that go in and come out.
  public let inputChannels: Int
  public let outputChannels: Int
  /// Pixels from a window's edge whose results another window gives.
  public let overlap: Int
  private let grid: WindowGrid
  private let pool: RunnerPool

  /// The longest side of a window, in pixels, without the margins of a network without padding.
  public static let longestSide = 512

  /// - Parameters:
  ///   - network: takes images H × W × C.
  ///   - weights: the values of all that it declares.
  ///   - stride: what the sides of the result are multiples of.
  ///   - remainder: what is left when they are divided by it.
  ///   - margin: how much smaller than the input the result is at each edge.
  ///   - overlap: pixels from a window's edge whose results another window gives, where there is no margin.
  ///   - options: the precision; each plan has one thread.
  public init(
    _ network: Network, weights: TensorTable, stride: Int, remainder: Int = 0, margin: Int = 0,
    overlap: Int,
    options: PlanOptions = PlanOptions()
  ) throws(InferenceError) {
    guard network.inputs.count == 1, network.inputShape.rank == 3, (1...256).contains(stride),
      (0..<stride).contains(remainder), (0...1024).contains(margin),
      (0...Self.longestSide / 4).contains(overlap)
    else { throw .network("the network takes \(network.inputs), expected one image") }
    grid = WindowGrid(
      stride: stride, remainder: remainder, margin: margin,
      overlap: margin > 0 ? 0 : (overlap + stride - 1) / stride * stride)
    self.overlap = grid.overlap
    inputChannels = network.inputShape[2]
    pool = RunnerPool(network, weights: weights, options: options)
    let side = 8 * stride + remainder
    let shape = try pool.outputShape(width: side + 2 * margin, height: side + 2 * margin)
    guard shape.rank == 4, shape[2] == side, shape[3] == side else {
      throw .network("the network makes \(shape) of \(side + 2 * margin) pixels a side")
    }
    outputChannels = shape[1]
  }

  /// A window of an image.
  public struct Window: Sendable {
    /// The network's input, in pixels of the image; where a network has margins it may reach beyond the
    /// image, and where an image is smaller than the sides that a network can have.
    public let left: Int
    public let top: Int
    public let width: Int
    public let height: Int
    /// The pixels of the image that it says something of.
    public let columns: Range<Int>
    public let rows: Range<Int>
    let margin: Int

    /// Values in a row, and in a plane, of the network's output.
    public var outputWidth: Int { width - 2 * margin }
    public var outputArea: Int { outputWidth * (height - 2 * margin) }

    /// The place in a plane of the network's output of a pixel of the image.
    public func place(column: Int, row: Int) -> Int {
      (row - top - margin) * outputWidth + column - left - margin
    }
  }

  /// Runs the network over an image.
  ///
  /// - Parameters:
  ///   - fill: writes a window's input, C × height × width. Called on several threads.
  ///   - take: reads the output, K × outputHeight × outputWidth. Called on several threads, for parts of the
  ///     image that do not overlap.
  ///   - progress: is told of windows that are done, and of how many there are, on several threads. Where it
  ///     throws, no further windows are computed.
  public func run(
    width: Int, height: Int, threads: Int,
    fill: @escaping @Sendable (Window, UnsafeMutableBufferPointer<Float>) -> Void,
    take: @escaping @Sendable (Window, UnsafeBufferPointer<Float>) -> Void,
    progress: @escaping @Sendable (Int, Int) throws(InferenceError) -> Void = { _, _ in }
  ) throws(InferenceError) {
    let windows = grid.windows(width: width, height: height)
    guard let first = windows.first else { return }
    pool.keepOnly(width: first.width, height: first.height)
    let outcome = ParallelOutcome()
    parallelLoop(windows.count, threads: max(1, min(threads, windows.count))) { [pool] next in
      while let index = next(), outcome.error == nil {
        do throws(InferenceError) {
          let window = windows[index]
          let runner = try pool.take(width: window.width, height: window.height)
          defer { pool.giveBack(runner, width: window.width, height: window.height) }
          try runner.fill { fill(window, $0) }
          try runner.run { take(window, $0) }
          try progress(outcome.finishOne(), windows.count)
        } catch { outcome.fail(error) }
      }
    }
    if let error = outcome.error { throw error }
  }
}

/// How windows lie over an image.
struct WindowGrid {
  let stride: Int
  /// What is left of a result's side when it is divided by the stride.
  let remainder: Int
  let margin: Int
  let overlap: Int

  private struct Span {
    let start: Int
    let length: Int
    let kept: Range<Int>
  }

  func windows(width: Int, height: Int) -> [WindowedNetwork.Window] {
    let (columns, rows) = (spans(of: width), spans(of: height))
    return rows.flatMap { row in
      columns.map { column in
        WindowedNetwork.Window(
          left: column.start - margin, top: row.start - margin,
          width: column.length + 2 * margin, height: row.length + 2 * margin,
          columns: column.kept, rows: row.kept, margin: margin)
      }
    }
  }

  /// The windows along an axis. All begin at multiples of the stride: there the network's pooling falls as it
  /// does in the whole image.
  private func spans(of extent: Int) -> [Span] {
    func length(atLeast side: Int) -> Int {
      (max(side - remainder, 0) + stride - 1) / stride * stride + remainder
    }
    let whole = length(atLeast: extent)
    let longest = (WindowedNetwork.longestSide - remainder) / stride * stride + remainder
    guard whole > longest else {
      return [Span(start: 0, length: max(whole, stride + remainder), kept: 0..<extent)]
    }
    var spans: [Span] = []
    var kept = 0
    while kept < extent {
      let start = min(max(kept - overlap, 0), whole - longest)
      let end = start == whole - longest ? extent : start + longest - remainder - overlap
      spans.append(Span(start: start, length: longest, kept: kept..<end))
      kept = end
    }
    return spans
  }
}
