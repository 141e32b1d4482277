import Datasets
import Engine
import Graphs
import Images
import ModelFiles
import Networks
import Tensors

/// A classifier laid open for one image at a time: what each layer makes of it, and where it looks
/// for a class.
public final class NetworkInspector {
  /// A layer whose output is an image of features.
  public struct Layer: Sendable, Equatable {
    /// The layer's place in the network: `layer1.0.conv1`.
    public let path: String
    /// As it is declared: `Conv2D(64, 3)`.
    public let declaration: String
    public let channels: Int
    public let height: Int
    public let width: Int
  }

  /// The layers whose output has rows and columns, from input to output.
  public let layers: [Layer]
  /// The layer that ``gradCAM(for:)`` looks at.
  public let targetLayer: Layer

  private let preprocessing: Preprocessing
  private let plan: Plan
  private let input: Node
  private let chosenClass: Node
  private let outputs: [String: Node]
  private let map: Node

  /// - Parameters:
  ///   - layer: the layer that ``gradCAM(for:)`` looks at, by its path; the last one whose output is an
  ///     image where nil, as the paper does.
  /// - Throws: ``InferenceError/invalid(_:)`` where there is no such layer.
  public init(
    _ model: Classifier, layer: String? = nil, options: PlanOptions = PlanOptions()
  ) throws(InferenceError) {
    try model.nonFiniteWeights.requireNumbers()
    preprocessing = model.preprocessing
    let graph = Graph()
    do {
      let built = try model.network.build(on: graph, batch: 1, mode: .inference)
      input = built.input
      var known: Set<Node> = [built.input]
      // What only passes its input on (dropout, when asked) shows nothing new.
      let reports = built.layers.filter { report in
        report.output.isImage && known.insert(report.output).inserted
      }
      let layers = reports.map(Layer.init)
      let outputs = Dictionary(reports.map { ($0.path, $0.output) }, uniquingKeysWith: { $1 })
      (self.layers, self.outputs) = (layers, outputs)
      guard
        let targetLayer = layer.map({ name in layers.first { $0.path == name } }) ?? layers.last,
        let features = outputs[targetLayer.path]
      else {
        throw InferenceError.invalid(
          layers.isEmpty
            ? "the network has no layer whose output is an image"
            : "the network has no layer \(layer ?? "") whose output is an image; it has "
              + layers.map(\.path).joined(separator: ", "))
      }
      self.targetLayer = targetLayer
      let logits = try built.classScores(labelCount: model.classNames.count).logits
      chosenClass = try graph.input("chosen class", logits.shape)
      map = try Self.gradCAM(logits, chosen: chosenClass, features)
      plan = try Plan(
        graph, outputs: Array(outputs.values) + [map], assignments: .none,
        variables: model.variables, options: options)
    } catch { throw InferenceError(wrapping: error) }
  }

  /// Grad-CAM as nodes: `ReLU(Σₖ αₖ Aᵏ)`, where `Aᵏ` are the features' channels and αₖ is the mean over
  /// rows and columns of the derivative of the chosen class's logit (Selvaraju et al. 2017,
  /// "Grad-CAM: Visual Explanations from Deep Networks", equations 1 and 2).
  ///
  /// - Parameter chosen: N × classes, 1 at the chosen class and 0 elsewhere.
  static func gradCAM(
    _ logits: Node, chosen: Node, _ features: Node
  ) throws(GraphError) -> Node {
    let score = try (logits * chosen).sum()
    let gradient = try logits.graph.gradients(of: score, withRespectTo: [features])[0]
    let weights = try gradient.mean(axes: [2, 3], keepsAxes: true)
    return try (weights * features).sum(axes: [1]).map(.relu)
  }

  /// Takes an image in; what the methods below tell is about the last one.
  public func run(on image: Image) throws(InferenceError) {
    do {
      let values = try preprocessing.values(of: image)
      try plan.withInput(input) { _ = $0.update(fromContentsOf: values) }
      try plan.withInput(chosenClass) { $0.update(repeating: 0) }
      try plan.run()
    } catch { throw InferenceError(wrapping: error) }
  }

  /// What a layer made of the image: C × H × W.
  ///
  /// - Parameter layer: one of ``layers``.
  public func features(of layer: Layer) throws(InferenceError) -> [Float] {
    guard let node = outputs[layer.path] else {
      throw .invalid("the network has no layer \(layer.path)")
    }
    do { return try plan.withOutput(node) { Array($0) } } catch {
      throw InferenceError(wrapping: error)
    }
  }

  /// How much each place of ``targetLayer``'s output speaks for a class, none below 0: as many rows and
  /// columns as that layer has.
  ///
  /// - Parameter index: the place of the class among the classifier's outputs.
  public func gradCAM(for index: Int) throws(InferenceError) -> [Float] {
    guard (0..<chosenClass.shape.count).contains(index) else {
      throw .invalid("no class has index \(index)")
    }
    do {
      try plan.withInput(chosenClass) { chosen in
        chosen.update(repeating: 0)
        chosen[index] = 1
      }
      try plan.run()
      return try plan.withOutput(map) { Array($0) }
    } catch { throw InferenceError(wrapping: error) }
  }
}

extension NetworkInspector.Layer {
  fileprivate init(_ report: LayerSummary) {
    path = report.path
    declaration = report.declaration
    channels = report.output.shape[1]
    height = report.output.shape[2]
    width = report.output.shape[3]
  }
}

extension Node {
  /// Whether it is N × C × H × W with more than one place.
  fileprivate var isImage: Bool { shape.rank == 4 && shape[2] * shape[3] > 1 }
}
