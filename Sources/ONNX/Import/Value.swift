import Graphs
import Tensors

/// What a name of an ONNX graph stands for while it is imported.
struct Value {
  enum Content {
    /// Known already: shapes, axes, indices, and whatever was computed of such.
    case known(Elements)
    /// An initializer of more than one float, which becomes a parameter of its name when it is used.
    case weight(ONNXTensor)
    /// Computed in each run.
    case node(Node)
  }

  var element: ONNXElement
  let shape: Shape
  let content: Content

  init(_ node: Node, _ element: ONNXElement) {
    self.element = element
    shape = node.shape
    content = .node(node)
  }

  /// - Precondition: there are as many elements as the shape has.
  init(_ elements: Elements, _ shape: Shape, _ element: ONNXElement) {
    precondition(elements.count == shape.count)
    self.element = element
    self.shape = shape
    content = .known(elements)
  }

  init(_ tensor: ONNXTensor) {
    element = tensor.element
    shape = tensor.shape
    content =
      tensor.element.isFloat && tensor.shape.count > 1
      ? .weight(tensor) : .known(tensor.elements)
  }

  /// A list of whole numbers.
  init(integers: [Int]) {
    self.init(.integers(integers.map(Int64.init)), [integers.count], .int64)
  }

  /// A number without axes.
  init(scalar: Double, _ element: ONNXElement = .float32) {
    self.init(Elements.floats([scalar]).converted(to: element), [], element)
  }

  /// The elements, where nothing has to be computed for them; those of weights, too.
  var elements: Elements? {
    switch content {
    case .known(let elements): elements
    // A few bytes can say of any number of elements that they are equal.
    case .weight(let tensor):
      tensor.isStoredSeparately
        || tensor.uniformValue != nil && shape.count > ImportContext.usualMaxFoldedElements
        ? nil : tensor.elements
    case .node: nil
    }
  }

  /// The elements, where the value is known and no parameter.
  var folded: Elements? {
    if case .known(let elements) = content { elements } else { nil }
  }

  var rank: Int { shape.rank }
}
