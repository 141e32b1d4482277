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

  let storage: Storage

  enum Storage: Sendable {
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
  static func fieldCount(of proto: ProtoTensor, _ element: ONNXElement) -> Int {
    switch element {
    case .float32: proto.floatData.count
    case .float64: proto.doubleData.count
    case .int64: proto.int64Data.count
    case .uint32, .uint64: proto.uint64Data.count
    default: proto.int32Data.count
    }
  }

  /// How many numbers of the message's field so many elements take: two of 4 bits share one.
  static func fieldCount(for count: Int, _ element: ONNXElement) -> Int {
    switch element {
    case .int4, .uint4: (count + 1) / 2
    default: count
    }
  }

  /// The one of two elements of 4 bits that share a byte.
  static func nibble(_ byte: UInt8, _ index: Int) -> UInt8 {
    index % 2 == 0 ? byte & 15 : byte >> 4
  }

  /// −8…7.
  static func signed(_ nibble: UInt8) -> Int64 { (Int64(nibble) ^ 8) - 8 }
}
