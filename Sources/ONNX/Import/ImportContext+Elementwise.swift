import Glibc
import Graphs
import Tensors

// Functions of elements. Of known values they are computed at once, of others they join the graph.

extension ImportContext {
  /// A function of each element.
  ///
  /// - Parameter element: the result's type; the input's own where nil.
  func map(
    _ kind: Unary.Kind, _ x: Value, as element: ONNXElement? = nil
  ) throws(ONNXError) -> Value {
    let element = element ?? x.element
    if let elements = x.folded, let folded = Self.fold(kind, elements) {
      return Value(folded.converted(to: element), x.shape, element)
    }
    return Value(try apply(Unary(kind), node(x)), element)
  }

  /// A function of each pair of elements, with NumPy's broadcasting. Comparisons give bool, other
  /// functions the type of the first.
  func combine(_ kind: Binary.Kind, _ a: Value, _ b: Value) throws(ONNXError) -> Value {
    let element: ONNXElement
    switch kind {
    case .equal, .greater, .greaterOrEqual, .less, .lessOrEqual: element = .bool
    default: element = a.element
    }
    guard let shape = a.shape.broadcast(with: b.shape) else {
      throw invalid("shapes \(a.shape) and \(b.shape) do not broadcast")
    }
    if let left = a.folded, let right = b.folded, shape.count <= maxFoldedElements {
      let first = left.picking(Self.places(of: a.shape, in: shape))
      let second = right.picking(Self.places(of: b.shape, in: shape))
      if let folded = Self.fold(kind, first, second) {
        return Value(folded.converted(to: element), shape, element)
      }
    }
    let result = Value(try apply(Binary(kind), node(a), node(b)), element)
    guard !element.isFloat, kind == .divide || kind == .power else { return result }
    return try wholeNumbers(result)
  }

  /// a where the condition holds, else b.
  func select(_ condition: Value, _ a: Value, _ b: Value) throws(ONNXError) -> Value {
    guard let shape = condition.shape.broadcast(with: a.shape)?.broadcast(with: b.shape) else {
      throw invalid("shapes \(condition.shape), \(a.shape) and \(b.shape) do not broadcast")
    }
    if let chosen = condition.folded?.doubles, let left = a.folded, let right = b.folded,
      shape.count <= maxFoldedElements
    {
      let places = Self.places(of: condition.shape, in: shape)
      let (first, second) = (
        Self.places(of: a.shape, in: shape), Self.places(of: b.shape, in: shape)
      )
      let joined = left + right
      let folded = joined.picking(
        places.indices.map { chosen[places[$0]] != 0 ? first[$0] : left.count + second[$0] })
      return Value(folded, shape, a.element)
    }
    return Value(try apply(Select(), node(condition), node(a), node(b)), a.element)
  }

  /// Another type: fractions are cut off or rounded where it holds fewer.
  func cast(_ x: Value, to element: ONNXElement) throws(ONNXError) -> Value {
    if let elements = x.folded {
      return Value(elements.converted(to: element), x.shape, element)
    }
    var result = x
    result.element = element
    if element == x.element { return result }
    switch element {
    case .float16: return try map(.rounded(to: .float16), x, as: element)
    case .bfloat16: return try map(.rounded(to: .bfloat16), x, as: element)
    case .float32, .float64: return result
    case .bool:
      let isZero = try combine(.equal, x, Value(scalar: 0, x.element))
      return try combine(.equal, isZero, Value(scalar: 0, .bool))
    default:
      guard x.element.isFloat else { return result }
      result = try truncated(x)
      result.element = element
      return result
    }
  }

  /// Fractions cut off.
  private func truncated(_ x: Value) throws(ONNXError) -> Value {
    let isNegative = try combine(.less, x, Value(scalar: 0, x.element))
    return try select(isNegative, map(.ceil, x), map(.floor, x))
  }

  /// A quotient or power of whole numbers as one: its fraction cut off, after what floats lack of the
  /// next whole number was put right.
  private func wholeNumbers(_ x: Value) throws(ONNXError) -> Value {
    let nearest = try map(.round, x)
    let distance = try map(.abs, combine(.subtract, x, nearest))
    let allowed = try combine(
      .multiply, map(.abs, x), Value(scalar: 0x1p-22, .float32))
    return try select(combine(.lessOrEqual, distance, allowed), nearest, truncated(x))
  }

  // MARK: - Known values

  /// The places from which each element of a broadcast shape is taken.
  static func places(of shape: Shape, in whole: Shape) -> [Int] {
    let padded = Shape([Int](repeating: 1, count: whole.rank - shape.rank) + shape.dimensions)
    let strides = zip(padded.strides, padded.dimensions).map { $1 == 1 ? 0 : $0 }
    return places(whole, strides: strides, offset: 0)
  }

  /// Row-major over `shape`: offset + Σ index · stride.
  static func places(_ shape: Shape, strides: [Int], offset: Int) -> [Int] {
    guard shape.count > 0 else { return [] }
    var places = [offset]
    for axis in 0..<shape.rank {
      var further: [Int] = []
      further.reserveCapacity(places.count * shape[axis])
      for place in places {
        for index in 0..<shape[axis] { further.append(place + index * strides[axis]) }
      }
      places = further
    }
    return places
  }

  private static func fold(_ kind: Unary.Kind, _ x: Elements) -> Elements? {
    if case .integers(let values) = x {
      switch kind {
      case .negate: return .integers(values.map { 0 &- $0 })
      case .abs: return .integers(values.map { $0 < 0 ? 0 &- $0 : $0 })
      case .sign: return .integers(values.map { $0.signum() })
      case .floor, .ceil, .round: return x
      default: break
      }
    }
    let values = x.doubles
    switch kind {
    case .negate: return .floats(values.map { -$0 })
    case .abs: return .floats(values.map { abs($0) })
    case .sign: return .floats(values.map { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 })
    case .exp: return .floats(values.map { Glibc.exp($0) })
    case .log: return .floats(values.map { Glibc.log($0) })
    case .sqrt: return .floats(values.map { $0.squareRoot() })
    case .reciprocal: return .floats(values.map { 1 / $0 })
    case .square: return .floats(values.map { $0 * $0 })
    case .floor: return .floats(values.map { $0.rounded(.down) })
    case .ceil: return .floats(values.map { $0.rounded(.up) })
    case .round: return .floats(values.map { $0.rounded(.toNearestOrEven) })
    case .relu: return .floats(values.map { max($0, 0) })
    case .clip(let low, let high):
      return .floats(values.map { min(max($0, Double(low)), Double(high)) })
    default: return nil
    }
  }

  private static func fold(_ kind: Binary.Kind, _ a: Elements, _ b: Elements) -> Elements? {
    if case .integers(let left) = a, case .integers(let right) = b {
      func each(_ body: (Int64, Int64) -> Int64) -> Elements {
        .integers(zip(left, right).map(body))
      }
      switch kind {
      case .add: return each(&+)
      case .subtract: return each(&-)
      case .multiply: return each(&*)
      // A quotient by 0 means nothing; −2⁶³ / −1 wraps.
      case .divide: return each { $1 == 0 ? 0 : $0.dividedReportingOverflow(by: $1).partialValue }
      case .maximum: return each { max($0, $1) }
      case .minimum: return each { min($0, $1) }
      case .equal: return each { $0 == $1 ? 1 : 0 }
      case .greater: return each { $0 > $1 ? 1 : 0 }
      case .greaterOrEqual: return each { $0 >= $1 ? 1 : 0 }
      case .less: return each { $0 < $1 ? 1 : 0 }
      case .lessOrEqual: return each { $0 <= $1 ? 1 : 0 }
      case .power: break
      }
    }
    func each(_ body: (Double, Double) -> Double) -> Elements {
      .floats(zip(a.doubles, b.doubles).map(body))
    }
    switch kind {
    case .add: return each(+)
    case .subtract: return each(-)
    case .multiply: return each(*)
    case .divide: return each(/)
    case .maximum: return each { $0.isNaN || $0 > $1 ? $0 : $1 }
    case .minimum: return each { $0.isNaN || $0 < $1 ? $0 : $1 }
    case .power: return each { pow($0, $1) }
    case .equal: return each { $0 == $1 ? 1 : 0 }
    case .greater: return each { $0 > $1 ? 1 : 0 }
    case .greaterOrEqual: return each { $0 >= $1 ? 1 : 0 }
    case .less: return each { $0 < $1 ? 1 : 0 }
    case .lessOrEqual: return each { $0 <= $1 ? 1 : 0 }
    }
  }
}
