import Engine
import Graphs
import Inference
import ModelFiles
import Networks
import Synchronization
import Tensors
import Testing

@Suite struct WindowedNetworkTests {
  /// Sees seven pixels to each side, and divides sides by 4.
  private static func network(_ height: Int, _ width: Int) -> Network {
    Network(input: [height, width, 1]) {
      Conv2D(8, 3, padding: .same, activation: .relu, initializer: .heNormal)
      SkipConnection {
        MaxPool2D(4)
        Conv2D(8, 1, activation: .relu, initializer: .heNormal)
        Conv2DTranspose(8, 4, strides: 4, initializer: .heNormal)
      }
      Conv2D(2, 3, padding: .same)
    }
  }

  /// Without padding: four pixels less at each edge.
  private static func valid(_ height: Int, _ width: Int) -> Network {
    Network(input: [height, width, 1]) {
      Conv2D(8, 5, activation: .relu, initializer: .heNormal)
      Conv2D(2, 5)
    }
  }

  private static func weights(_ network: Network) throws -> TensorTable {
    let graph = Graph()
    _ = try network.build(on: graph, batch: 1, mode: .inference)
    var weights = TensorTable()
    for variable in graph.variables {
      weights[variable.name] = variable.initialValue(random: RandomSource(seed: 4))
    }
    return weights
  }

  private static func value(_ x: Int, _ y: Int) -> Float { Float((x * 37 + y * 101) % 89) / 89 }

  private static func mirrored(_ place: Int, _ count: Int) -> Int {
    guard count > 1 else { return 0 }
    let within = abs(place) % (2 * (count - 1))
    return min(within, 2 * (count - 1) - within)
  }

  /// Both channels of the result of each pixel.
  private static func result(
    _ windowed: WindowedNetwork, _ width: Int, _ height: Int, threads: Int
  ) throws -> [Float] {
    let values = Mutex([Float](repeating: .nan, count: 2 * width * height))
    try windowed.run(width: width, height: height, threads: threads) { window, planes in
      for y in 0..<window.height {
        for x in 0..<window.width {
          planes[y * window.width + x] = value(
            mirrored(window.left + x, width), mirrored(window.top + y, height))
        }
      }
    } take: { window, planes in
      values.withLock { values in
        for row in window.rows {
          for column in window.columns {
            for channel in 0..<2 {
              let place = (channel * height + row) * width + column
              #expect(values[place].isNaN, "written once")
              values[place] =
                planes[channel * window.outputArea + window.place(column: column, row: row)]
            }
          }
        }
      }
    }
    return values.withLock { $0 }
  }

  private static func whole(
    _ network: (Int, Int) -> Network, _ weights: TensorTable, _ width: Int, _ height: Int,
    side: (Int) -> Int, margin: Int
  ) throws -> [Float] {
    let variables = VariableStore()
    for (name, tensor) in weights { variables[name] = tensor }
    let (w, h) = (side(width) + 2 * margin, side(height) + 2 * margin)
    let runner = try BatchRunner(
      network(h, w), variables: variables, batchSize: 1, options: PlanOptions(threads: 1))
    return try runner.runBatch { input in
      for y in 0..<h {
        for x in 0..<w {
          input[y * w + x] = value(mirrored(x - margin, width), mirrored(y - margin, height))
        }
      }
    } _: { _, output in
      (0..<2 * width * height).map { index in
        let (rest, x) = index.quotientAndRemainder(dividingBy: width)
        let (channel, y) = rest.quotientAndRemainder(dividingBy: height)
        return output[(channel * side(height) + y) * side(width) + x]
      }
    }
  }

  private static func expectEqual(_ a: [Float], _ b: [Float]) {
    let error = zip(a, b).map { abs($0 - $1) }.max() ?? 1
    #expect(a.count == b.count && error < 1e-4, "\(error)")
  }

  /// Smaller than a window, as large as one, larger one way, both ways, and by a little.
  @Test(arguments: [(1, 1), (7, 30), (512, 20), (513, 9), (700, 530), (1030, 12)])
  func noSeams(width: Int, height: Int) throws {
    let weights = try Self.weights(Self.network(8, 8))
    let windowed = try WindowedNetwork(
      Self.network(8, 8), weights: weights, stride: 4, overlap: 7)
    #expect(windowed.overlap == 8)
    let values = try Self.result(windowed, width, height, threads: 1)
    Self.expectEqual(
      values,
      try Self.whole(
        Self.network, weights, width, height, side: { ($0 + 3) / 4 * 4 }, margin: 0))
    #expect(try Self.result(windowed, width, height, threads: 3) == values)
  }

  /// Too small an overlap shows: the test above can fail.
  @Test func tooSmallAnOverlapShows() throws {
    let weights = try Self.weights(Self.network(8, 8))
    let windowed = try WindowedNetwork(
      Self.network(8, 8), weights: weights, stride: 4, overlap: 0)
    let values = try Self.result(windowed, 700, 16, threads: 1)
    let whole = try Self.whole(
      Self.network, weights, 700, 16, side: { ($0 + 3) / 4 * 4 }, margin: 0)
    #expect(zip(values, whole).contains { abs($0 - $1) > 1e-3 })
  }

  /// A network without padding sees the image's mirror image beyond its border.
  @Test(arguments: [(1, 1), (7, 30), (700, 530)])
  func withoutPadding(width: Int, height: Int) throws {
    let weights = try Self.weights(Self.valid(16, 16))
    let windowed = try WindowedNetwork(
      Self.valid(16, 16), weights: weights, stride: 4, remainder: 2, margin: 4, overlap: 99)
    Self.expectEqual(
      try Self.result(windowed, width, height, threads: 2),
      try Self.whole(
        Self.valid, weights, width, height, side: { max(($0 + 1) / 4 * 4, 4) + 2 }, margin: 4))
  }

  @Test func networksThatDoNotFit() throws {
    let weights = try Self.weights(Self.network(8, 8))
    for (stride, margin) in [(0, 0), (4, 4), (4, -1)] {
      #expect(throws: InferenceError.self) {
        try WindowedNetwork(
          Self.network(8, 8), weights: weights, stride: stride, margin: margin, overlap: 8)
      }
    }
  }
}
