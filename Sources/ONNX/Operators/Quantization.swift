import Graphs
import Tensors

/// Fractions as whole numbers with a scale and a zero point: x ≈ (q − zero point) · scale, of one number
/// for the whole tensor, for each slice along an axis, or for each block of slices.
///
/// A network that is being trained does not round, so that gradients pass; it only cuts off at the ends
/// of the whole numbers' range.
enum QuantizationOperators {
  static let table: [String: Operator] = [
    "QuantizeLinear": Operator(quantize), "DequantizeLinear": Operator(dequantize),
    "DynamicQuantizeLinear": Operator(quantizeByRange),
  ]

  /// round(x / scale) + zero point, cut off at the ends of the type.
  private static func quantize(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    node.ignore("saturate", "precision")
    let told = try node.element("output_dtype")
    let element = node.optional(2)?.element ?? told ?? .uint8
    let parameters = try Parameters(node, x)
    let steps = try context.combine(.divide, x, parameters.scale)
    return [try cut(steps, parameters.zero, to: element, node)]
  }

  /// Rounded, moved to the zero point and cut off at the ends of a type.
  private static func cut(
    _ steps: Value, _ zero: Value?, to element: ONNXElement, _ node: NodeImport
  ) throws(ONNXError) -> Value {
    let context = node.context
    guard let range = element.range else {
      throw context.unsupported("quantized numbers of type \(element)")
    }
    var result = context.mode == .training ? steps : try context.map(.round, steps)
    if var zero {
      zero.element = result.element
      result = try context.combine(.add, result, zero)
    }
    result = try context.map(
      .clip(minimum: Float(range.lowerBound), maximum: Float(range.upperBound)), result)
    if let elements = result.folded {
      return Value(elements.converted(to: element), result.shape, element)
    }
    result.element = element
    return result
  }

  /// (x − zero point) · scale.
  private static func dequantize(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    let told = try node.element("output_dtype")
    let scaleElement = try node.input(1).element
    let element = told ?? scaleElement
    let parameters = try Parameters(node, x)
    if let known = parameters.dequantized(x, to: element) { return [known] }
    var steps = x
    steps.element = element
    if var zero = parameters.zero {
      zero.element = element
      steps = try context.combine(.subtract, steps, zero)
    }
    return [try context.combine(.multiply, steps, parameters.scale)]
  }

  /// To 8 bits from 0 up, by the range of the numbers themselves, widened to hold 0.
  private static func quantizeByRange(_ node: NodeImport) throws(ONNXError) -> [Value] {
    let (x, context) = (try node.input(0), node.context)
    let axes = Array(0..<x.rank)
    func number(_ value: Double) -> Value { Value(scalar: value, x.element) }
    let largest = try context.combine(
      .maximum, context.reduce(.max, x, axes: axes, keepsAxes: false), number(0))
    let smallest = try context.combine(
      .minimum, context.reduce(.min, x, axes: axes, keepsAxes: false), number(0))
    let step = try context.combine(
      .divide, context.combine(.subtract, largest, smallest), number(255))
    // Zeros alone have no range.
    let scale = try context.select(context.combine(.greater, step, number(0)), step, number(1))
    let zero = try cut(
      context.map(.negate, context.combine(.divide, smallest, scale)), nil, to: .uint8, node)
    return [
      try cut(context.combine(.divide, x, scale), zero, to: .uint8, node), scale, zero,
    ]
  }

  /// The second and third input of a node, so that they broadcast with the first.
  private struct Parameters {
    let scale: Value
    let zero: Value?
    /// The axis along which they vary; nil where they are one number.
    private let axis: Int?

    init(_ node: NodeImport, _ x: Value) throws(ONNXError) {
      let context = node.context
      let (told, block) = (
        node.integer("axis", default: 1), node.integer("block_size", default: 0)
      )
      // What a layer of a network lets go of is no weight of it.
      func known(_ value: Value) -> Value {
        value.elements.map { Value($0, value.shape, value.element) } ?? value
      }
      func spread(_ value: Value) throws(ONNXError) -> Value {
        if value.shape.count == 1 { return try context.reshape(value, to: []) }
        let axis = try node.axis(told, of: x.rank)
        if block > 0 {
          return try Self.repeated(value, block, axis, like: x, context)
        }
        try context.require(
          value.shape == [x.shape[axis]], "\(value.shape) for axis \(axis) of \(x.shape)")
        let extents = x.shape.dimensions.indices.map { $0 == axis ? x.shape[axis] : 1 }
        return try context.reshape(value, to: Shape(extents))
      }
      scale = try spread(known(try node.input(1)))
      zero = try node.optional(2).map { (zero) throws(ONNXError) in try spread(known(zero)) }
      axis =
        block == 0 && (scale.shape.count > 1 || zero?.shape.count ?? 1 > 1)
        ? try node.axis(told, of: x.rank) : nil
    }

    /// One number for each block of slices along an axis, repeated for each slice.
    private static func repeated(
      _ value: Value, _ block: Int, _ axis: Int, like x: Value, _ context: ImportContext
    ) throws(ONNXError) -> Value {
      let extent = x.shape[axis]
      let blocks = (extent + block - 1) / block
      try context.require(
        block <= extent && value.shape == x.shape.replacing(axis: axis, with: blocks),
        "\(value.shape) for blocks of \(block) on axis \(axis) of \(x.shape)")
      let places = (0..<extent).map { $0 / block }
      return try context.gather(value, Value(integers: places), axis: axis)
    }

    /// What known numbers stand for, where the parameters vary along one axis at most.
    func dequantized(_ x: Value, to element: ONNXElement) -> Value? {
      guard let numbers = x.folded?.doubles, let scales = scale.folded?.doubles,
        zero == nil || zero?.folded != nil, axis != nil || scale.shape.count == 1
      else { return nil }
      let zeros = zero?.folded?.doubles ?? [0]
      let run = axis.map { x.shape.dimensions[($0 + 1)...].reduce(1, *) } ?? 1
      let extent = axis.map { x.shape[$0] } ?? 1
      var values = numbers
      for index in values.indices {
        let slice = index / run % extent
        let (scale, zero) = (
          scales[scales.count == 1 ? 0 : slice], zeros[zeros.count == 1 ? 0 : slice]
        )
        values[index] = Double(Float((numbers[index] - zero) * scale))
      }
      return Value(Elements.floats(values).converted(to: element), x.shape, element)
    }
  }
}

extension ONNXElement {
  /// The whole numbers that 32-bit floats hold exactly of a type of whole numbers of 16 bits at most.
  fileprivate var range: ClosedRange<Int>? {
    switch self {
    case .int4: -8...7
    case .uint4: 0...15
    case .int8: -128...127
    case .uint8: 0...255
    case .int16: -32_768...32_767
    case .uint16: 0...65_535
    default: nil
    }
  }
}
