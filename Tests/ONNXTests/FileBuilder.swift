import ONNX

/// Makes the bytes of ONNX files field by field, as the format of protocol buffers has it, so that
/// tests can say anything, wrong things too.
struct Message {
  private(set) var bytes: [UInt8] = []

  /// A whole number.
  func number(_ field: Int, _ value: Int) -> Message {
    appending(Self.varint(field << 3) + Self.varint(value))
  }

  /// Bytes.
  func bytes(_ field: Int, _ value: [UInt8]) -> Message {
    appending(Self.varint(field << 3 | 2) + Self.varint(value.count) + value)
  }

  /// A text.
  func text(_ field: Int, _ value: String) -> Message { bytes(field, Array(value.utf8)) }

  /// A message within.
  func message(_ field: Int, _ value: Message) -> Message { bytes(field, value.bytes) }

  /// A 32-bit float.
  func float(_ field: Int, _ value: Float) -> Message {
    let bits = value.bitPattern
    return appending(
      Self.varint(field << 3 | 5) + (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) })
  }

  private func appending(_ more: [UInt8]) -> Message {
    var result = self
    result.bytes += more
    return result
  }

  private static func varint(_ value: Int) -> [UInt8] {
    var rest = UInt(bitPattern: value)
    var bytes: [UInt8] = []
    repeat {
      bytes.append(UInt8(truncatingIfNeeded: rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
      rest >>= 7
    } while rest > 0
    return bytes
  }
}

/// An ONNX file of a few nodes.
struct FileBuilder {
  var opset = 17
  var nodes: [Message] = []
  var initializers: [Message] = []
  var inputs: [Message] = []
  var outputs: [Message] = []

  /// A node; attributes are given as whole messages.
  mutating func node(
    _ type: String, _ inputs: [String], _ outputs: [String], name: String = "",
    _ attributes: [Message] = []
  ) {
    var node = Message()
    for input in inputs { node = node.text(1, input) }
    for output in outputs { node = node.text(2, output) }
    node = node.text(3, name).text(4, type)
    for attribute in attributes { node = node.message(5, attribute) }
    nodes.append(node)
  }

  static func integers(_ name: String, _ values: [Int]) -> Message {
    var message = Message().text(1, name).number(20, 7)
    for value in values { message = message.number(8, value) }
    return message
  }

  static func integer(_ name: String, _ value: Int) -> Message {
    Message().text(1, name).number(20, 2).number(3, value)
  }

  /// A tensor of floats; its elements as raw bytes.
  mutating func weight(_ name: String, _ dims: [Int], _ values: [Float]) {
    var message = Message()
    for extent in dims { message = message.number(1, extent) }
    let bytes = values.flatMap { value in
      (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
    }
    initializers.append(message.number(2, 1).text(8, name).bytes(9, bytes))
  }

  /// A tensor of whole numbers.
  mutating func integers(_ name: String, _ values: [Int]) {
    var message = Message().number(1, values.count).number(2, 7).text(8, name)
    for value in values { message = message.number(7, value) }
    initializers.append(message)
  }

  /// Extents of 0 are free.
  static func port(_ name: String, _ dims: [Int], element: Int = 1) -> Message {
    var shape = Message()
    for extent in dims {
      shape = shape.message(
        1, extent == 0 ? Message().text(2, "n") : Message().number(1, extent))
    }
    let tensor = Message().number(1, element).message(2, shape)
    return Message().text(1, name).message(2, Message().message(1, tensor))
  }

  mutating func input(_ name: String, _ dims: [Int], element: Int = 1) {
    inputs.append(Self.port(name, dims, element: element))
  }

  mutating func output(_ name: String, _ dims: [Int] = []) {
    outputs.append(Self.port(name, dims))
  }

  var bytes: [UInt8] {
    var graph = Message()
    for node in nodes { graph = graph.message(1, node) }
    graph = graph.text(2, "test")
    for tensor in initializers { graph = graph.message(5, tensor) }
    for port in inputs { graph = graph.message(11, port) }
    for port in outputs { graph = graph.message(12, port) }
    return Message().number(1, 8).message(7, graph)
      .message(8, Message().text(1, "").number(2, opset)).bytes
  }

  func model() throws(ONNXError) -> ONNXModel { try ONNXModel(bytes: bytes) }
}
