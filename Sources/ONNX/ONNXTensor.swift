import FoundationEssentials
import ModelFiles
import SwiftProtobuf
import Tensors

/// A tensor as an ONNX file holds it, or as it follows from such. Its shape was checked against its
/// bytes; they are decoded when asked for.
public struct ONNXTensor: Sendable {
  public private(set) var name: String
  public let element: ONNXElement
  /// Its extents; unlike those of a graph's tensors they may be 0.
  public private(set) var shape: Shape

  private let storage: Storage

  private enum Storage: Sendable {
    case file(ProtoTensor)
    /// The same number everywhere.
    case uniform(Double)
    /// What was computed when the file was read.
    case computed(Tensor)
    /// Elsewhere: the elements of a network that a model file holds.
    case absent
  }

  /// Whether its elements lie elsewhere: those of a network that a model file holds.
  var isStoredSeparately: Bool { if case .absent = storage { true } else { false } }

  /// The number that all elements are, where the file says it once for all.
  var uniformValue: Double? { if case .uniform(let value) = storage { value } else { nil } }

  /// What `data_location` says of a tensor whose elements a model file holds beside the network.
  private static let absentLocation: Int32 = 2

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
    guard shape.isWithinSizeLimit else { throw .unsupported("\(who) is of shape \(shape)") }
    name = proto.name
    self.element = element
    self.shape = shape
    // Weights alone: other elements are needed when the graph is built.
    if acceptsAbsent, proto.dataLocation == Self.absentLocation, element.isFloat, shape.count > 1 {
      storage = .absent
      return
    }
    guard proto.dataLocation == 0 else {
      throw .unsupported(
        "\(who) lies in another file (external data), which is read where the model is a file itself"
      )
    }
    storage = .file(proto)
    // `count` is the largest Int where the product is larger: no file holds that.
    let isComplete =
      proto.rawData.isEmpty
      ? Self.fieldCount(of: proto, element) == Self.fieldCount(for: shape.count, element)
      : proto.rawData.count == element.byteCount(of: shape.count)
    guard isComplete else {
      throw .invalid(
        "\(who) of shape \(shape) and type \(element) does not have as many elements as the file "
          + "holds for it")
    }
  }

  /// What was computed of tensors of a file.
  init(name: String, element: ONNXElement = .float32, _ values: Tensor) {
    self.name = name
    self.element = element
    shape = values.shape
    storage = .computed(values)
  }

  /// The same number everywhere.
  init(name: String, element: ONNXElement, _ shape: Shape, repeating value: Double) {
    self.name = name
    self.element = element
    self.shape = shape
    storage = .uniform(value)
  }

  /// The same elements under another name and, as many, another shape.
  func called(_ name: String, shape: Shape? = nil) -> ONNXTensor {
    var other = self
    other.name = name
    if let shape {
      precondition(shape.count == self.shape.count, "\(self.shape) as \(shape)")
      other.shape = shape
    }
    return other
  }

  /// The tensor for a file; without its elements where they are more floats than `count`.
  func proto(inlinesUpTo count: Int) -> ProtoTensor {
    var proto = ProtoTensor()
    proto.name = name
    proto.dims = shape.dimensions.map { Int64($0) }
    proto.dataType = Int32(element.rawValue)
    if element.isFloat, shape.count > max(count, 1) {
      proto.dataLocation = Self.absentLocation
      return proto
    }
    switch storage {
    case .file(let held):
      proto = held
      (proto.name, proto.dims) = (name, shape.dimensions.map { Int64($0) })
    case .absent: proto.dataLocation = Self.absentLocation
    case .uniform, .computed:
      guard element.isFloat else {
        proto.int32Data = scalars.map { Int32($0) }
        break
      }
      // What was computed is kept as 32-bit floats, of whatever width it was.
      proto.dataType = Int32(ONNXElement.float32.rawValue)
      proto.floatData = scalars
    }
    return proto
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

  /// How many elements the typed field of a type holds.
  private static func fieldCount(of proto: ProtoTensor, _ element: ONNXElement) -> Int {
    switch element {
    case .float32: proto.floatData.count
    case .float64: proto.doubleData.count
    case .int64: proto.int64Data.count
    case .uint32, .uint64: proto.uint64Data.count
    default: proto.int32Data.count
    }
  }

  /// How many numbers of the message's field so many elements take: two of 4 bits share one.
  private static func fieldCount(for count: Int, _ element: ONNXElement) -> Int {
    switch element {
    case .int4, .uint4: (count + 1) / 2
    default: count
    }
  }

  /// The one of two elements of 4 bits that share a byte.
  private static func nibble(_ byte: UInt8, _ index: Int) -> UInt8 {
    index % 2 == 0 ? byte & 15 : byte >> 4
  }

  /// −8…7.
  private static func signed(_ nibble: UInt8) -> Int64 { (Int64(nibble) ^ 8) - 8 }

  // MARK: - Decoding

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
