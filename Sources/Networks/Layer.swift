import Graphs
import Tensors

/// One step of a network: a value that holds its hyperparameters and, in one function, adds its
/// operations to a graph.
///
/// A layer owns no weights. It declares them by name in the graph through the context ("weight",
/// "bias"; the context puts the layer's path in front), so that one declaration serves training,
/// inference and a summary. Layers are `Codable`: a model file holds them as JSON.
public protocol Layer: Codable, Sendable, CustomStringConvertible {
  /// The name that a layer gets, followed by a number, when it was given none: `conv`, `dense`.
  static var defaultName: String { get }

  /// Whether the layer only holds others, so that it gets no row of its own in a summary.
  static var isContainer: Bool { get }

  /// The layer with each layer that it holds replaced; itself where it holds none.
  func replacingLayers(_ replace: (any Layer) -> any Layer) -> Self

  /// Adds the layer to the graph and returns its output.
  ///
  /// Images are N × C × H × W in the graph, flat features N × F, series N × C × L.
  /// - Throws: `NetworkError` that names the layer, what it expected, what it received and the fix.
  func callAsFunction(
    _ input: Node, in context: inout BuildContext
  ) throws(NetworkError) -> Node
}

extension Layer {
  public static var isContainer: Bool { false }

  public func replacingLayers(_ replace: (any Layer) -> any Layer) -> Self { self }

  /// The layer's type as model files, summaries and errors write it: `Conv2D`.
  public static var typeName: String { String(describing: Self.self) }

  /// The layer under a name of the caller's choice, which begins the names of its parameters:
  /// `Conv2D(64, 7).named("conv1")` declares `conv1.weight` and `conv1.bias`.
  public func named(_ name: String) -> NamedLayer { NamedLayer(name: name, layer: self) }
}

/// A layer that, as a network's first, takes pixel values 0…255 as they are.
public protocol RawPixelLayer: Layer {}

/// A layer some of whose values follow from the data that the network is trained on, not from chance.
public protocol AdaptedLayer: Layer {
  /// The values by their names within the layer.
  ///
  /// - Parameter input: examples of what the layer will receive, N × C × H × W.
  func values(adaptedTo input: Tensor) -> [(name: String, value: Tensor)]
}

/// A layer and its name among its neighbors.
public struct NamedLayer: Sendable {
  /// One component of a parameter's name: no dot, not empty, unique among its neighbors.
  public var name: String
  /// The layer.
  public var layer: any Layer

  /// Gives a layer a name.
  public init(name: String, layer: any Layer) {
    self.name = name
    self.layer = layer
  }

  /// The layer's type as model files and errors write it.
  public var typeName: String { type(of: layer).typeName }
}

/// How layers without a name are called.
public enum LayerNaming: String, Codable, Sendable {
  /// By kind and number within the list: `conv1`, `conv2`, `dense1`.
  case byType = "kinds"
  /// By position, from 0, as PyTorch's `nn.Sequential` does.
  case byIndex = "positions"
}

/// Collects layers written one below the other.
@resultBuilder
public enum LayerBuilder {
  /// A layer that is still to be named, or one that has its name.
  public struct Element: Sendable {
    let name: String?
    let layer: any Layer
  }

  /// A layer, to be named by kind or position.
  public static func buildExpression(_ layer: any Layer) -> [Element] {
    [Element(name: nil, layer: layer)]
  }
  /// A layer with a name.
  public static func buildExpression(_ named: NamedLayer) -> [Element] {
    [Element(name: named.name, layer: named.layer)]
  }
  /// Layers that a function made, to be named.
  public static func buildExpression(_ layers: [any Layer]) -> [Element] {
    layers.map { Element(name: nil, layer: $0) }
  }
  /// Layers with names that a function made.
  public static func buildExpression(_ layers: [NamedLayer]) -> [Element] {
    layers.map { Element(name: $0.name, layer: $0.layer) }
  }
  /// Layers one below the other.
  public static func buildBlock(_ parts: [Element]...) -> [Element] { parts.flatMap { $0 } }
  /// An `if`.
  public static func buildOptional(_ part: [Element]?) -> [Element] { part ?? [] }
  /// An `if` with `else`.
  public static func buildEither(first: [Element]) -> [Element] { first }
  /// An `if` with `else`.
  public static func buildEither(second: [Element]) -> [Element] { second }
  /// A `for`.
  public static func buildArray(_ parts: [[Element]]) -> [Element] { parts.flatMap { $0 } }
}

extension [NamedLayer] {
  /// Each layer, and those that it holds, replaced; the names stay.
  func replacing(_ replace: (any Layer) -> any Layer) -> [NamedLayer] {
    map { NamedLayer(name: $0.name, layer: replace($0.layer.replacingLayers(replace))) }
  }

  /// Names the elements that a builder collected.
  init(_ elements: [LayerBuilder.Element], naming: LayerNaming) {
    var numbers: [String: Int] = [:]
    self = elements.enumerated().map { position, element in
      if let name = element.name { return NamedLayer(name: name, layer: element.layer) }
      switch naming {
      case .byIndex: return NamedLayer(name: "\(position)", layer: element.layer)
      case .byType:
        let kind = type(of: element.layer).defaultName
        numbers[kind, default: 0] += 1
        return NamedLayer(name: "\(kind)\(numbers[kind, default: 1])", layer: element.layer)
      }
    }
  }
}
