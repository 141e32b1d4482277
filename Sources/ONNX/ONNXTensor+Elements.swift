import FoundationEssentials
import ModelFiles
import SwiftProtobuf
import Tensors

extension ONNXTensor {
  /// The elements as 32-bit floats.
  public var scalars: [Float] {
    if element == .float32, case .file(let proto) = storage, proto.rawData.isEmpty {
      return proto.floatData
    }
    return [Float](unsafeUninitializedCapacity: shape.count) { floats, count in
      if let start = floats.baseAddress { read(0..<shape.count, into: start) }
      count = shape.count
    }
  }

  /// Writes some of the elements, counted in row-major order, as 32-bit floats.
  ///
  /// - Precondition: `target` has room for them.
  func read(_ range: Range<Int>, into target: UnsafeMutablePointer<Float>) {
    // Each store lies within the room that there is.
    let first = range.lowerBound
    forEach(in: range) { index, integer in
      target[index &- first] = Float(integer)
    } float: { index, value in
      target[index &- first] = Float(value)
    }
  }

  /// The elements, exactly.
  var elements: Elements {
    if element.isFloat {
      var values = [Double](repeating: 0, count: shape.count)
      forEach(in: 0..<shape.count) { _, _ in
      } float: {
        values[$0] = $1
      }
      return .floats(values)
    }
    var values = [Int64](repeating: 0, count: shape.count)
    forEach(in: 0..<shape.count) {
      values[$0] = $1
    } float: { _, _ in
    }
    return .integers(values)
  }

  /// Hands over each element: those of types of whole numbers to `integer` (beyond 2⁶³ wrapped), the
  /// others to `float`.
  @inline(__always)
  private func forEach(
    in range: Range<Int>, integer: (Int, Int64) -> Void, float: (Int, Double) -> Void
  ) {
    let proto: ProtoTensor
    switch storage {
    case .file(let held): proto = held
    case .uniform(let value):
      for index in range {
        if element.isFloat { float(index, value) } else { integer(index, Int64(value)) }
      }
      return
    case .computed(let tensor):
      tensor.withUnsafeBufferPointer { values in
        for index in range {
          let value = values[index]
          if element.isFloat { float(index, Double(value)) } else { integer(index, Int64(value)) }
        }
      }
      return
    case .absent: return
    }
    if proto.rawData.isEmpty {
      return forEachOfField(of: proto, in: range, integer: integer, float: float)
    }
    proto.rawData.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
      // Each load lies within the bytes, whose number was checked.
      func each<Stored>(_ type: Stored.Type, _ body: (Int, Stored) -> Void) {
        for index in range {
          body(
            index,
            bytes.loadUnaligned(fromByteOffset: index &* MemoryLayout<Stored>.size, as: type))
        }
      }
      switch element {
      case .float32:
        each(UInt32.self) { float($0, Double(Float(bitPattern: UInt32(littleEndian: $1)))) }
      case .float64:
        each(UInt64.self) { float($0, Double(bitPattern: UInt64(littleEndian: $1))) }
      case .float16:
        each(UInt16.self) {
          float($0, Double(ReducedPrecision.float(float16: UInt16(littleEndian: $1))))
        }
      case .bfloat16:
        each(UInt16.self) {
          float($0, Double(ReducedPrecision.float(bfloat16: UInt16(littleEndian: $1))))
        }
      case .int64: each(Int64.self) { integer($0, Int64(littleEndian: $1)) }
      case .uint64:
        each(UInt64.self) { integer($0, Int64(truncatingIfNeeded: UInt64(littleEndian: $1))) }
      case .int32: each(Int32.self) { integer($0, Int64(Int32(littleEndian: $1))) }
      case .uint32: each(UInt32.self) { integer($0, Int64(UInt32(littleEndian: $1))) }
      case .int16: each(Int16.self) { integer($0, Int64(Int16(littleEndian: $1))) }
      case .uint16: each(UInt16.self) { integer($0, Int64(UInt16(littleEndian: $1))) }
      case .int8: each(Int8.self) { integer($0, Int64($1)) }
      case .uint8: each(UInt8.self) { integer($0, Int64($1)) }
      case .bool: each(UInt8.self) { integer($0, $1 == 0 ? 0 : 1) }
      case .float8E4M3:
        each(UInt8.self) { float($0, Double(ReducedPrecision.float(float8E4M3: $1))) }
      case .float8E5M2:
        each(UInt8.self) { float($0, Double(ReducedPrecision.float(float8E5M2: $1))) }
      case .uint4:
        for index in range { integer(index, Int64(Self.nibble(bytes[index / 2], index))) }
      case .int4:
        for index in range { integer(index, Self.signed(Self.nibble(bytes[index / 2], index))) }
      }
    }
  }

  private func forEachOfField(
    of proto: ProtoTensor, in range: Range<Int>, integer: (Int, Int64) -> Void,
    float: (Int, Double) -> Void
  ) {
    for index in range {
      switch element {
      case .float32: float(index, Double(proto.floatData[index]))
      case .float64: float(index, proto.doubleData[index])
      case .float16:
        let bits = UInt16(truncatingIfNeeded: proto.int32Data[index])
        float(index, Double(ReducedPrecision.float(float16: bits)))
      case .bfloat16:
        let bits = UInt16(truncatingIfNeeded: proto.int32Data[index])
        float(index, Double(ReducedPrecision.float(bfloat16: bits)))
      case .float8E4M3:
        let bits = UInt8(truncatingIfNeeded: proto.int32Data[index])
        float(index, Double(ReducedPrecision.float(float8E4M3: bits)))
      case .float8E5M2:
        let bits = UInt8(truncatingIfNeeded: proto.int32Data[index])
        float(index, Double(ReducedPrecision.float(float8E5M2: bits)))
      case .uint4:
        let byte = UInt8(truncatingIfNeeded: proto.int32Data[index / 2])
        integer(index, Int64(Self.nibble(byte, index)))
      case .int4:
        let byte = UInt8(truncatingIfNeeded: proto.int32Data[index / 2])
        integer(index, Self.signed(Self.nibble(byte, index)))
      case .int64: integer(index, proto.int64Data[index])
      case .uint32, .uint64: integer(index, Int64(truncatingIfNeeded: proto.uint64Data[index]))
      default: integer(index, Int64(proto.int32Data[index]))
      }
    }
  }
}
