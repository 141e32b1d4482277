import ModelFiles

/// The elements of a tensor that is known while a network is built: exactly, as shapes need it.
enum Elements: Equatable {
  case integers([Int64])
  case floats([Double])

  var count: Int {
    switch self {
    case .integers(let values): values.count
    case .floats(let values): values.count
    }
  }

  var doubles: [Double] {
    switch self {
    case .integers(let values): values.map(Double.init)
    case .floats(let values): values
    }
  }

  /// The elements as whole numbers, fractions cut off; what no `Int64` holds becomes 0, as is usual.
  var integers: [Int64] {
    switch self {
    case .integers(let values): values
    case .floats(let values): values.map { Int64(exactly: $0.rounded(.towardZero)) ?? 0 }
    }
  }

  /// The elements at the given places.
  func picking(_ places: [Int]) -> Elements {
    switch self {
    case .integers(let values): .integers(places.map { values[$0] })
    case .floats(let values): .floats(places.map { values[$0] })
    }
  }

  /// One after the other; floats where one of them holds floats.
  static func + (left: Elements, right: Elements) -> Elements {
    if case .integers(let first) = left, case .integers(let second) = right {
      return .integers(first + second)
    }
    return .floats(left.doubles + right.doubles)
  }

  /// The elements as a type holds them: rounded, cut off or wrapped.
  func converted(to element: ONNXElement) -> Elements {
    switch element {
    case .float32: .floats(doubles.map { Double(Float($0)) })
    case .float16: .floats(doubles.map { Double(Float16($0)) })
    case .bfloat16: .floats(doubles.map { Self.bfloat16($0) })
    case .float64: .floats(doubles)
    case .int64, .uint64: .integers(integers)
    case .int32: .integers(integers.map { Int64(Int32(truncatingIfNeeded: $0)) })
    case .uint32: .integers(integers.map { Int64(UInt32(truncatingIfNeeded: $0)) })
    case .int16: .integers(integers.map { Int64(Int16(truncatingIfNeeded: $0)) })
    case .uint16: .integers(integers.map { Int64(UInt16(truncatingIfNeeded: $0)) })
    case .int8: .integers(integers.map { Int64(Int8(truncatingIfNeeded: $0)) })
    case .uint8: .integers(integers.map { Int64(UInt8(truncatingIfNeeded: $0)) })
    case .uint4: .integers(integers.map { $0 & 15 })
    case .int4: .integers(integers.map { (($0 & 15) ^ 8) - 8 })
    case .bool: .integers(doubles.map { $0 == 0 ? 0 : 1 })
    case .float8E4M3: .floats(doubles.map { Self.nearest(to: $0, of: Self.float8E4M3) })
    case .float8E5M2: .floats(doubles.map { Self.nearest(to: $0, of: Self.float8E5M2) })
    }
  }

  /// The numbers from 0 up that 8 bits hold, by their bits.
  private static let float8E4M3 = (0..<0x7F).map {
    Double(ReducedPrecision.float(float8E4M3: UInt8($0)))
  }
  private static let float8E5M2 = (0..<0x7C).map {
    Double(ReducedPrecision.float(float8E5M2: UInt8($0)))
  }

  /// The nearest of rising numbers, with the value's sign; of two that are equally near the one at an even
  /// place, and the last one for all that is larger.
  private static func nearest(to value: Double, of numbers: [Double]) -> Double {
    let size = value.magnitude
    guard let above = numbers.firstIndex(where: { $0 >= size }) else {
      return value.isNaN ? value : Double(signOf: value, magnitudeOf: numbers[numbers.count - 1])
    }
    var place = above
    if above > 0 {
      let (down, up) = (size - numbers[above - 1], numbers[above] - size)
      if down < up || (down == up && above % 2 == 1) { place = above - 1 }
    }
    return Double(signOf: value, magnitudeOf: numbers[place])
  }

  private static func bfloat16(_ value: Double) -> Double {
    Double(ReducedPrecision.float(bfloat16: ReducedPrecision.bfloat16(Float(value))))
  }
}
