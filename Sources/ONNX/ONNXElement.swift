/// The type of a tensor's elements; the raw values are ONNX's numbers.
///
/// What is computed is computed in 32-bit floats, whatever the type: whole numbers up to 2²⁴ are exact
/// there, and fractions are cut off where a type of whole numbers asks for it. Tensors that are known
/// when a network is built (shapes, indices) are computed exactly.
public enum ONNXElement: Int, Sendable, Codable, CaseIterable {
  case float32 = 1
  case uint8 = 2
  case int8 = 3
  case uint16 = 4
  case int16 = 5
  case int32 = 6
  case int64 = 7
  case bool = 9
  case float16 = 10
  case float64 = 11
  case uint32 = 12
  case uint64 = 13
  case bfloat16 = 16
  case float8E4M3 = 17
  case float8E5M2 = 19
  case uint4 = 21
  case int4 = 22

  /// Bits that one element takes in a file.
  private var bitCount: Int {
    switch self {
    case .float64, .int64, .uint64: 64
    case .float32, .int32, .uint32: 32
    case .float16, .bfloat16, .int16, .uint16: 16
    case .int8, .uint8, .bool, .float8E4M3, .float8E5M2: 8
    case .int4, .uint4: 4
    }
  }

  /// Bytes that so many elements take in a file, where they are within the limit of size. Of two that
  /// share a byte the first is in its lower half.
  func byteCount(of count: Int) -> Int { (count * bitCount + 7) / 8 }

  /// Whether it holds fractions.
  var isFloat: Bool {
    switch self {
    case .float32, .float16, .float64, .bfloat16, .float8E4M3, .float8E5M2: true
    default: false
    }
  }

  /// What the format calls it, or its number.
  static func name(of number: Int32) -> String {
    if let element = Self(rawValue: Int(number)) { return "\(element)" }
    let others: [Int32: String] = [
      0: "undefined", 8: "string", 14: "complex64", 15: "complex128",
      18: "float8e4m3fnuz", 20: "float8e5m2fnuz", 23: "float4e2m1",
    ]
    return others[number] ?? "type \(number)"
  }
}
