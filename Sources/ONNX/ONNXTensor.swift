import FoundationEssentials
import ModelFiles
import SwiftProtobuf
import Tensors

/// A tensor as an ONNX file holds it. Its shape was checked against its bytes; they are decoded when
/// asked for.
public struct ONNXTensor: Sendable {
  public let name: String
  public let element: ONNXElement
  /// Its extents; unlike those of a graph's tensors they may be 0.
  public let shape: Shape

  let proto: ProtoTensor
  /// Whether its elements lie elsewhere: those of a network that a model file holds.
  let isAbsent: Bool

  /// What `data_location` says of a tensor whose elements a model file holds beside the network.
  static let absentLocation: Int32 = 2

  /// Checks a tensor of a file. Nothing is allocated.
  ///
  /// - Parameter acceptsAbsent: whether its elements may lie elsewhere.
  init(_ proto: ProtoTensor, acceptsAbsent: Bool = false) throws(ONNXError) {
    let who = proto.name.isEmpty ? "a tensor" : "the tensor \(proto.name)"
    guard let element = ONNXElement(rawValue: Int(proto.dataType)) else {
      throw .unsupported("\(who) has elements of type \(ONNXElement.name(of: proto.dataType))")
    }
    guard proto.dims.count <= Self.mostAxes else {
      throw .unsupported("\(who) has \(proto.dims.count) axes")
    }
    guard proto.dims.allSatisfy({ $0 >= 0 }) else {
      throw .invalid("\(who) has a negative extent")
    }
    let shape = Shape(proto.dims.map { Int($0) })
    guard shape.isModest else { throw .unsupported("\(who) is of shape \(shape)") }
    // Weights alone: other elements are needed when the graph is built.
    isAbsent =
      acceptsAbsent && proto.dataLocation == Self.absentLocation && element.isFloat
      && shape.count > 1
    guard proto.dataLocation == 0 || isAbsent else {
      throw .unsupported(
        "\(who) lies in another file (external data); write the model as a single file")
    }
    self.name = proto.name
    self.element = element
    self.shape = shape
    self.proto = proto
    // `count` is the largest Int where the product is larger: no file holds that.
    let held =
      proto.rawData.isEmpty ? fieldCount : proto.rawData.count / element.byteCount
    guard isAbsent || held == shape.count && proto.rawData.count % element.byteCount == 0 else {
      throw .invalid(
        "\(who) of shape \(shape) and type \(element) does not have as many elements as the file "
          + "holds for it (\(held))")
    }
  }

  /// A tensor that stands alone in a file, as the inputs and outputs of conformance cases do.
  package init(serialized bytes: [UInt8]) throws(ONNXError) {
    let proto: ProtoTensor
    do { proto = try ProtoTensor(serializedBytes: bytes) } catch {
      throw .invalid("the tensor cannot be read")
    }
    try self.init(proto)
  }

  /// More axes mean nothing here.
  static let mostAxes = 12

  /// How many elements the typed field of this type holds.
  private var fieldCount: Int {
    switch element {
    case .float32: proto.floatData.count
    case .float64: proto.doubleData.count
    case .int64: proto.int64Data.count
    case .uint32, .uint64: proto.uint64Data.count
    default: proto.int32Data.count
    }
  }

  // MARK: - Decoding

  /// The elements as 32-bit floats.
  public var scalars: [Float] {
    if element == .float32, proto.rawData.isEmpty { return proto.floatData }
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
    if proto.rawData.isEmpty { return forEachOfField(in: range, integer: integer, float: float) }
    proto.rawData.withUnsafeBytes { bytes in
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
          float($0, Double(HalfPrecision.float(float16: UInt16(littleEndian: $1))))
        }
      case .bfloat16:
        each(UInt16.self) {
          float($0, Double(HalfPrecision.float(bfloat16: UInt16(littleEndian: $1))))
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
      }
    }
  }

  private func forEachOfField(
    in range: Range<Int>, integer: (Int, Int64) -> Void, float: (Int, Double) -> Void
  ) {
    if isAbsent { return }
    for index in range {
      switch element {
      case .float32: float(index, Double(proto.floatData[index]))
      case .float64: float(index, proto.doubleData[index])
      case .float16:
        let bits = UInt16(truncatingIfNeeded: proto.int32Data[index])
        float(index, Double(HalfPrecision.float(float16: bits)))
      case .bfloat16:
        let bits = UInt16(truncatingIfNeeded: proto.int32Data[index])
        float(index, Double(HalfPrecision.float(bfloat16: bits)))
      case .int64: integer(index, proto.int64Data[index])
      case .uint32, .uint64: integer(index, Int64(truncatingIfNeeded: proto.uint64Data[index]))
      default: integer(index, Int64(proto.int32Data[index]))
      }
    }
  }
}
