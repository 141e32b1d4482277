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
    case .bool: .integers(doubles.map { $0 == 0 ? 0 : 1 })
    }
  }

  private static func bfloat16(_ value: Double) -> Double {
    Double(ReducedPrecision.float(bfloat16: ReducedPrecision.bfloat16(Float(value))))
  }
}
