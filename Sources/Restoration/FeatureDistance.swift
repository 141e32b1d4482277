import Engine
import Graphs
import Images
import Inference
import ModelFiles
import Networks
import Tensors

/// How different two images look to a classifier: the mean squared difference between the features that it finds
/// in each, which are of length 1 at every place, over its first stages.
///
/// R. Zhang et al.: *The Unreasonable Effectiveness of Deep Features as a Perceptual Metric*. 2018, arXiv
/// 1801.03924, eq. 1. Departure: all channels weigh the same.
public struct FeatureDistance: Sendable {
  /// The classifier's name.
  public let name: String
  private let network: Network
  private let weights: TensorTable
  private let mean: [Float]
  private let std: [Float]

  /// Stages that are compared: the last output of each resolution.
  private static let mostStages = 5
  /// Maps of fewer pixels along a side say where things are no more.
  private static let smallestMap = 6

  /// - Throws: ``InferenceError/file(path:problem:)`` where the file is damaged, or no classifier of color images
  ///   that begins with convolutions.
  public init(path: String) throws(InferenceError) {
    let model = try LoadedModel(path: path)
    let classifier = try model.classifier()
    let form = classifier.preprocessing
    guard form.channels == 3, form.mean.count == 3, form.std.count == 3 else {
      throw .file(path: path, problem: "is no classifier of color images")
    }
    (name, network, weights) = (classifier.card.name, classifier.network, try model.numbers())
    (mean, std) = (form.mean, form.std)
    let stages: [Node]
    do {
      stages = try self.stages(of: Graph().input("image", [1, 3, 64, 64]))
    } catch { throw InferenceError(wrapping: error) }
    guard !stages.isEmpty else {
      throw .file(path: path, problem: "does not begin with convolutions")
    }
  }

  /// Adds the distance between images to their graph: a scalar, the mean over the batch.
  ///
  /// - Parameters:
  ///   - first: N × 3 × H × W, red, green and blue in 0…1.
  ///   - second: of the same shape.
  func callAsFunction(_ first: Node, _ second: Node) throws -> Node {
    let pairs = zip(try stages(of: first), try stages(of: second))
    let distances = try pairs.map { (a, b) throws(GraphError) in
      // The channels' squares add up; places are averaged.
      try (unit(a) - unit(b)).map(.square).mean() * Float(a.shape[1])
    }
    var sum = distances[0]
    for distance in distances.dropFirst() { sum = try sum + distance }
    return try sum / Float(distances.count)
  }

  /// The values of the classifier's variables in graphs that the distance was added to.
  var values: TensorTable {
    var values = TensorTable()
    for (name, tensor) in weights { values["\(Self.scope).\(name)"] = tensor }
    return values
  }

  private static let scope = "features"

  /// What the classifier's outermost layers make of images, the last of each resolution.
  private func stages(of images: Node) throws(NetworkError) -> [Node] {
    var node: Node
    do throws(GraphError) {
      let graph = images.graph
      let shift = graph.constant(Tensor([1, 3, 1, 1], mean))
      let scale = graph.constant(Tensor([1, 3, 1, 1], std.map { 1 / $0 }))
      node = try (images - shift) * scale
    } catch { throw .network("\(error)") }
    var stages: [Node] = []
    for layer in network.layers {
      node = try Network(input: node.shape.channelsLast, layers: [layer]).build(
        on: node, mode: .inference, scope: Self.scope
      ).output
      guard node.shape.rank == 4, min(node.shape[2], node.shape[3]) >= Self.smallestMap else {
        break
      }
      if stages.last?.shape[2] == node.shape[2] {
        stages.removeLast()
      } else if stages.count == Self.mostStages {
        break
      }
      stages.append(node)
    }
    return stages
  }

  /// Features of length 1 at every place.
  private func unit(_ features: Node) throws(GraphError) -> Node {
    let squares = try features.map(.square).sum(axes: [1], keepsAxes: true)
    return try features / (squares + 1e-10).map(.sqrt)
  }
}

/// The distance between images of one size, ready to run.
final class FeatureMeter {
  private let plan: Plan
  private let first: Node
  private let second: Node
  private let distance: Node

  /// - Parameter toRGB: makes red, green and blue of what the images' planes are.
  init(
    _ distance: FeatureDistance, width: Int, height: Int, options: PlanOptions = PlanOptions(),
    toRGB: (Node) throws(GraphError) -> Node = { $0 }
  ) throws(InferenceError) {
    do {
      let graph = Graph()
      first = try graph.input("first", [1, 3, height, width])
      second = try graph.input("second", [1, 3, height, width])
      self.distance = try distance(toRGB(first), toRGB(second))
      let variables = VariableStore()
      for (name, tensor) in distance.values { variables[name] = tensor }
      plan = try Plan(
        graph, outputs: [self.distance], assignments: .none, variables: variables,
        options: options)
    } catch { throw InferenceError(wrapping: error) }
  }

  /// - Parameters:
  ///   - planes: 3 × height × width samples, 0…1.
  ///   - original: as many.
  func distance(_ planes: [Float], _ original: [Float]) throws(InferenceError) -> Double {
    do {
      try plan.withInput(first) { _ = $0.update(fromContentsOf: planes) }
      try plan.withInput(second) { _ = $0.update(fromContentsOf: original) }
      try plan.run()
      return try plan.withOutput(distance) { Double($0[0]) }
    } catch { throw InferenceError(wrapping: error) }
  }
}

extension FeatureDistance {
  /// The distance between two images.
  ///
  /// - Precondition: both are 8-bit RGB of one size.
  func distance(_ image: Image, _ original: Image) throws(InferenceError) -> Double {
    try FeatureMeter(self, width: image.width, height: image.height)
      .distance(image.planes, original.planes)
  }
}

extension Image {
  /// 8-bit RGB as planes 0…1.
  fileprivate var planes: [Float] {
    precondition(layout.channels == 3 && layout.sample == .uint8)
    let area = width * height
    var planes = [Float](repeating: 0, count: 3 * area)
    withUnsafeBytes { bytes in
      for place in 0..<area {
        for color in 0..<3 { planes[color * area + place] = Float(bytes[3 * place + color]) / 255 }
      }
    }
    return planes
  }
}

extension LumaChroma {
  /// Adds red, green and blue to the graph of planes of luma and chroma, N × 3 × H × W.
  static func rgb(_ planes: Node) throws(GraphError) -> Node {
    let shape = planes.shape
    func plane(_ index: Int) throws(GraphError) -> Node {
      try planes.graph.apply(
        Slice(
          starts: [0, index, 0, 0], ends: [shape[0], index + 1, shape[2], shape[3]]), [planes])[0]
    }
    let (y, cb, cr) = (try plane(0), try plane(1), try plane(2))
    let (red, blue) = (try y + cr * 1.402, try y + cb * 1.772)
    let green = try (y - red * 0.299 - blue * 0.114) / 0.587
    return try planes.graph.apply(Concatenate(axis: 1), [red, green, blue])[0]
  }
}
