import Engine
import Files
import Graphs
import ModelFiles
import Networks
import Tensors

/// A network that turns images into images, made ready to run over images of any size in square tiles.
///
/// A tile is computed with as much around it as the network sees, so that its result is that of the whole
/// image, and no seams show. Beyond its edges the image is mirrored. All tiles have one size and each is
/// computed by one thread: results depend on neither the number of threads nor the order of tiles, and memory
/// does not grow with the image.
public final class TiledNetwork: Sendable {
  /// Pixels of the output for one of the input, along a side.
  public let scale: Int
  /// Pixels around a tile, at least as many as the network sees.
  public let margin: Int
  /// Channels that go in and come out.
  public let inputChannels: Int
  public let outputChannels: Int
  private let pool: RunnerPool
  private let sides: [Int]

  /// - Parameters:
  ///   - network: takes images H × W × C, of any H and W that `stride` divides.
  ///   - weights: the values of all that it declares.
  ///   - scale: pixels of the output for one of the input.
  ///   - reach: how far a pixel of the output sees, in pixels of the input.
  ///   - stride: what the network divides its input's sides by.
  ///   - options: the precision; each plan has one thread.
  public init(
    _ network: Network, weights: TensorTable, scale: Int, reach: Int, stride: Int = 1,
    options: PlanOptions = PlanOptions()
  ) throws(InferenceError) {
    guard network.inputs.count == 1, network.inputShape.rank == 3, scale > 0, reach >= 0,
      stride > 0, reach < 1 << 12, stride < 1 << 8
    else {
      throw .network(
        "a network from images to images takes one image, this takes \(network.inputs)")
    }
    self.scale = scale
    // Winograd's loops take blocks of four.
    let grid = Self.leastCommonMultiple(stride, 4)
    func aligned(_ value: Int) -> Int { (value + grid - 1) / grid * grid }
    margin = aligned(reach)
    // A network that begins by making the image smaller takes less memory for a tile.
    sides = (stride > 1 ? Self.usualSides + [Self.largeSide] : Self.usualSides).map(aligned)
    inputChannels = network.inputShape[2]
    pool = RunnerPool(network, weights: weights, options: options)
    let extent = sides[0] + 2 * margin
    let shape = try pool.outputShape(width: extent, height: extent)
    let expected = scale * extent
    guard shape.rank == 4, shape[2] == expected, shape[3] == expected else {
      throw .network("the network makes \(shape), not images \(scale) times as large")
    }
    outputChannels = shape[1]
  }

  private static let usualSides = [64, 96, 128, 160]
  private static let largeSide = 176

  private static func leastCommonMultiple(_ first: Int, _ second: Int) -> Int {
    var (a, b) = (first, second)
    while b != 0 { (a, b) = (b, a % b) }
    return first / a * second
  }

  /// The side of the tiles for an image, in pixels of the input: that with which the fewest pixels are
  /// computed.
  public func side(width: Int, height: Int) -> Int {
    func pixels(_ side: Int) -> Double {
      let columns = Double((width - 1) / side + 1)
      let rows = Double((height - 1) / side + 1)
      let extent = Double(side + 2 * margin)
      return columns * rows * extent * extent
    }
    return sides.min { pixels($0) < pixels($1) } ?? margin
  }

  /// How many tiles an image has.
  public func tileCount(width: Int, height: Int) -> Int {
    let side = side(width: width, height: height)
    return (width + side - 1) / side * ((height + side - 1) / side)
  }

  /// What a thread takes to run a tile: seconds, measured on one, and bytes.
  public func cost(side: Int) throws(InferenceError) -> (seconds: Double, bytes: Int) {
    let runner = try take(side: side)
    defer { giveBack(runner, side: side) }
    let start = MonotonicClock.seconds
    try runner.run { _ in }
    return (MonotonicClock.seconds - start, runner.memoryByteCount)
  }

  /// A runner that nobody else uses, to be given back.
  func take(side: Int) throws(InferenceError) -> BatchRunner {
    let extent = side + 2 * margin
    // Images come one after the other; those of another size need other runners.
    pool.keepOnly(width: extent, height: extent)
    return try pool.take(width: extent, height: extent)
  }

  func giveBack(_ runner: BatchRunner, side: Int) {
    pool.giveBack(runner, width: side + 2 * margin, height: side + 2 * margin)
  }
}
