import Engine
import Graphs
import Images
import Inference
import ModelFiles
import Networks
import Tensors
import Testing

/// Gray images through a network, larger by its scale.
private struct GrayFilter: TileFilter {
  let scale: Int

  func output(of input: PixelLayout) -> PixelLayout {
    PixelLayout(
      width: scale * input.width, height: scale * input.height, channels: 1, sample: .float32)
  }

  func fill(
    _ planes: UnsafeMutableBufferPointer<Float>, from tile: TileInput, pass: Int
  ) -> Bool {
    for row in 0..<tile.side {
      tile.read(row: row, channel: 0, into: planes.baseAddress! + row * tile.side)
    }
    return true
  }

  func take(
    _ planes: UnsafeBufferPointer<Float>, from tile: TileInput, to result: TileOutput, pass: Int
  ) {
    for row in 0..<result.height {
      result.write(
        row: row, channel: 0, from: planes.baseAddress! + result.offset + row * result.side)
    }
  }
}

@Suite struct TiledNetworkTests {
  private static func network(_ height: Int, _ width: Int) -> Network {
    Network(input: [height, width, 1]) {
      Conv2D(16, 3, padding: .same, activation: .relu, initializer: .heNormal)
      Conv2D(16, 3, padding: .same, activation: .relu, initializer: .heNormal)
      Conv2D(4, 3, padding: .same)
      PixelShuffle(2)
    }
  }

  private static let weights: TensorTable = {
    let graph = Graph()
    _ = try! network(8, 8).build(on: graph, batch: 1, mode: .inference)
    var weights = TensorTable()
    for variable in graph.variables {
      weights[variable.name] = variable.initialValue(random: RandomSource(seed: 4))
    }
    return weights
  }()

  private func tiled() throws -> TiledNetwork {
    try TiledNetwork(Self.network(8, 8), weights: Self.weights, scale: 2, reach: 3)
  }

  private func image(_ width: Int, _ height: Int) -> Image {
    var random = RandomSource(seed: 9)
    return Image(
      layout: PixelLayout(width: width, height: height, channels: 1),
      bytes: (0..<width * height).map { _ in UInt8(random.integer(below: 256)) })
  }

  private func result(_ image: Image, threads: Int) throws -> [Float] {
    let source = try TiledSource(
      GrayFilter(scale: 2), through: tiled(), over: ImageRows(image), threads: threads)
    return try Image(reading: source).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
  }

  /// The whole image at once, mirrored at its edges as far as the network sees.
  private func whole(_ image: Image) throws -> [Float] {
    let margin = 4
    let (w, h) = (image.width + 2 * margin, image.height + 2 * margin)
    let variables = VariableStore()
    for (name, tensor) in Self.weights { variables[name] = tensor }
    let runner = try BatchRunner(
      Self.network(h, w), variables: variables, batchSize: 1, options: PlanOptions(threads: 1))
    return try runner.runBatch { input in
      image.withUnsafeBytes { bytes in
        for y in 0..<h {
          for x in 0..<w {
            let row = mirrored(y - margin, count: image.height)
            let column = mirrored(x - margin, count: image.width)
            input[y * w + x] = Float(bytes[row * image.width + column]) * (1 / 255)
          }
        }
      }
    } _: { _, output in
      (0..<4 * image.width * image.height).map { index in
        let (y, x) = index.quotientAndRemainder(dividingBy: 2 * image.width)
        return output[(y + 2 * margin) * 2 * w + x + 2 * margin]
      }
    }
  }

  /// There and back from edge to edge, step by step.
  private func mirrored(_ place: Int, count: Int) -> Int {
    var (at, step) = (0, place < 0 ? -1 : 1)
    for _ in 0..<abs(place) where count > 1 {
      if !(0..<count).contains(at + step) { step = -step }
      at += step
    }
    return at
  }

  /// Smaller than a tile, of each size of tiles, and of several tiles each way.
  @Test(arguments: [(1, 1), (5, 3), (64, 64), (65, 40), (129, 7), (300, 270)])
  func noSeams(width: Int, height: Int) throws {
    let image = image(width, height)
    let (tiled, expected) = (try result(image, threads: 1), try whole(image))
    #expect(tiled.count == expected.count)
    let error = zip(tiled, expected).map { abs($0 - $1) }.max() ?? 1
    #expect(error < 1e-4, "\(error)")
    #expect(try result(image, threads: 3) == tiled)
  }

  /// A reach that is told too small shows seams: the test above can fail.
  @Test func aReachTooSmallShows() throws {
    let image = image(300, 270)
    let network = try TiledNetwork(Self.network(8, 8), weights: Self.weights, scale: 2, reach: 0)
    let source = try TiledSource(
      GrayFilter(scale: 2), through: network, over: ImageRows(image), threads: 1)
    let values = try Image(reading: source).withUnsafeBytes {
      Array($0.bindMemory(to: Float.self))
    }
    let error = zip(values, try whole(image)).map { abs($0 - $1) }.max() ?? 0
    #expect(error > 1e-3)
  }

  @Test func readsAFewRowsAtATime() throws {
    let image = image(70, 150)
    let source = try TiledSource(
      GrayFilter(scale: 2), through: tiled(), over: ImageRows(image), threads: 2)
    var (values, row) = ([Float](), [Float](repeating: 0, count: 7 * 140))
    while true {
      let count = try row.withUnsafeMutableBytes { (bytes) throws(ImageError) in
        try source.read(7, into: bytes.baseAddress!)
      }
      if count == 0 { break }
      values += row.prefix(count * 140)
    }
    #expect(values == (try result(image, threads: 1)))
  }

  @Test func aSourceThatEndsEarlyIsAnError() throws {
    final class Short: RowSource {
      let layout = PixelLayout(width: 10, height: 200, channels: 1)
      let metadata = Metadata()
      var calls = 0
      func read(_ count: Int, into rows: UnsafeMutableRawPointer) throws(ImageError) -> Int {
        calls += 1
        return calls == 1 ? 5 : 0
      }
    }
    let source = try TiledSource(
      GrayFilter(scale: 2), through: tiled(), over: Short(), threads: 1)
    #expect(throws: ImageError.truncated("rows are missing")) { try Image(reading: source) }
  }

  @Test func refusesNetworksOfOtherSizes() {
    #expect(throws: InferenceError.self) {
      try TiledNetwork(Self.network(8, 8), weights: Self.weights, scale: 3, reach: 3)
    }
    let dense = Network(input: [8]) { Dense(4) }
    #expect(throws: InferenceError.self) {
      try TiledNetwork(dense, weights: TensorTable(), scale: 1, reach: 0)
    }
  }
}
