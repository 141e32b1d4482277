/// The type of a stored tensor's elements; the raw values are safetensors' names.
///
/// All are read to 32-bit floats. Whole numbers beyond 2²⁴ and 64-bit floats are rounded to the nearest.
public enum ElementType: String, Sendable, CaseIterable, Codable {
  case float64 = "F64"
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"
  /// Four bits of exponent, three of fraction, no infinity (Micikevicius et al. 2022, arXiv 2209.05433).
  case float8E4M3 = "F8_E4M3"
  /// Five bits of exponent, two of fraction: the upper half of ``float16`` (ibid.).
  case float8E5M2 = "F8_E5M2"
  case int64 = "I64"
  case int32 = "I32"
  case int16 = "I16"
  case int8 = "I8"
  case uint64 = "U64"
  case uint32 = "U32"
  case uint16 = "U16"
  case uint8 = "U8"
  case bool = "BOOL"

  /// Bytes that one element takes.
  public var byteCount: Int {
    switch self {
    case .float64, .int64, .uint64: 8
    case .float32, .int32, .uint32: 4
    case .float16, .bfloat16, .int16, .uint16: 2
    case .float8E4M3, .float8E5M2, .int8, .uint8, .bool: 1
    }
  }

  /// Reads little-endian elements as floats.
  ///
  /// - Precondition: `bytes` holds `floats.count` elements.
  func read(_ bytes: UnsafeRawBufferPointer, into floats: UnsafeMutableBufferPointer<Float>) {
    precondition(bytes.count == floats.count * byteCount)
    // Each load below lies within the count just checked.
    func each<Stored>(_ type: Stored.Type, _ value: (Stored) -> Float) {
      for index in floats.indices {
        floats[index] = value(
          bytes.loadUnaligned(fromByteOffset: index &* MemoryLayout<Stored>.size, as: type))
      }
    }
    switch self {
    case .float64: each(UInt64.self) { Float(Double(bitPattern: UInt64(littleEndian: $0))) }
    case .float32: each(UInt32.self) { Float(bitPattern: UInt32(littleEndian: $0)) }
    case .float16: each(UInt16.self) { ReducedPrecision.float(float16: UInt16(littleEndian: $0)) }
    case .bfloat16: each(UInt16.self) { ReducedPrecision.float(bfloat16: UInt16(littleEndian: $0)) }
    case .float8E4M3: each(UInt8.self) { ReducedPrecision.float(float8E4M3: $0) }
    case .float8E5M2: each(UInt8.self) { ReducedPrecision.float(float8E5M2: $0) }
    case .int64: each(Int64.self) { Float(Int64(littleEndian: $0)) }
    case .int32: each(Int32.self) { Float(Int32(littleEndian: $0)) }
    case .int16: each(Int16.self) { Float(Int16(littleEndian: $0)) }
    case .int8: each(Int8.self) { Float($0) }
    case .uint64: each(UInt64.self) { Float(UInt64(littleEndian: $0)) }
    case .uint32: each(UInt32.self) { Float(UInt32(littleEndian: $0)) }
    case .uint16: each(UInt16.self) { Float(UInt16(littleEndian: $0)) }
    case .uint8: each(UInt8.self) { Float($0) }
    case .bool: each(UInt8.self) { $0 == 0 ? 0 : 1 }
    }
  }
}

/// The floating-point types that tensors are written in.
public enum StoredPrecision: String, Sendable, CaseIterable, Codable {
  case float32 = "fp32"
  case float16 = "fp16"
  case bfloat16 = "bf16"

  /// The type of the stored elements.
  public var elementType: ElementType {
    switch self {
    case .float32: .float32
    case .float16: .float16
    case .bfloat16: .bfloat16
    }
  }

  /// The little-endian bytes of some floats, rounded to nearest, ties to even.
  func bytes(of floats: Slice<UnsafeBufferPointer<Float>>) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: floats.count * elementType.byteCount) { bytes, count in
      // Each store lies within the capacity asked for.
      let raw = UnsafeMutableRawBufferPointer(bytes)
      for (index, value) in floats.enumerated() {
        switch self {
        case .float32:
          raw.storeBytes(
            of: value.bitPattern.littleEndian, toByteOffset: 4 * index, as: UInt32.self)
        case .float16:
          raw.storeBytes(
            of: ReducedPrecision.float16(value).littleEndian, toByteOffset: 2 * index,
            as: UInt16.self)
        case .bfloat16:
          raw.storeBytes(
            of: ReducedPrecision.bfloat16(value).littleEndian, toByteOffset: 2 * index,
            as: UInt16.self
          )
        }
      }
      count = raw.count
    }
  }
}
