/// Makes the bytes of ONNX files field by field, as the format of protocol buffers has it, so that
/// tests can say anything, wrong things too.
public struct Message {
  public private(set) var bytes: [UInt8] = []

  public init() {}

  /// A whole number.
  public func number(_ field: Int, _ value: Int) -> Message {
    appending(Self.varint(field << 3) + Self.varint(value))
  }

  /// Bytes.
  public func bytes(_ field: Int, _ value: [UInt8]) -> Message {
    appending(Self.varint(field << 3 | 2) + Self.varint(value.count) + value)
  }

  /// A text.
  public func text(_ field: Int, _ value: String) -> Message { bytes(field, Array(value.utf8)) }

  /// A message within.
  public func message(_ field: Int, _ value: Message) -> Message { bytes(field, value.bytes) }

  /// A 32-bit float.
  public func float(_ field: Int, _ value: Float) -> Message {
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
public struct FileBuilder {
  public init() {}

  public var opset = 17
  public var nodes: [Message] = []
  public var initializers: [Message] = []
  public var inputs: [Message] = []
  public var outputs: [Message] = []
  public var functions: [Message] = []

  /// A node; attributes are given as whole messages.
  public mutating func node(
    _ type: String, _ inputs: [String], _ outputs: [String], name: String = "",
    _ attributes: [Message] = [], domain: String = ""
  ) {
    nodes.append(
      Self.node(type, inputs, outputs, name: name, attributes, domain: domain))
  }

  public static func node(
    _ type: String, _ inputs: [String], _ outputs: [String], name: String = "",
    _ attributes: [Message] = [], domain: String = ""
  ) -> Message {
    var node = Message()
    for input in inputs { node = node.text(1, input) }
    for output in outputs { node = node.text(2, output) }
    node = node.text(3, name).text(4, type)
    for attribute in attributes { node = node.message(5, attribute) }
    return domain.isEmpty ? node : node.text(7, domain)
  }

  /// A function of the file's own: its nodes call its attributes by ``reference(_:to:)``.
  public mutating func function(
    _ name: String, _ inputs: [String], _ outputs: [String], attributes: [String] = [],
    nodes: [Message], domain: String = "own"
  ) {
    var function = Message().text(1, name).text(10, domain)
    for input in inputs { function = function.text(4, input) }
    for output in outputs { function = function.text(5, output) }
    for attribute in attributes { function = function.text(6, attribute) }
    for node in nodes { function = function.message(7, node) }
    functions.append(function.message(9, Message().text(1, "").number(2, opset)))
  }

  public static func reference(_ name: String, to attribute: String) -> Message {
    Message().text(1, name).number(20, 1).text(21, attribute)
  }

  public static func float(_ name: String, _ value: Float) -> Message {
    Message().text(1, name).number(20, 1).float(2, value)
  }

  public static func text(_ name: String, _ value: String) -> Message {
    Message().text(1, name).number(20, 3).text(4, value)
  }

  /// A subgraph with weights of its own.
  public static func graph(
    _ name: String, nodes: [Message], weights: [Message] = [], outputs: [String]
  ) -> Message {
    var graph = Message()
    for node in nodes { graph = graph.message(1, node) }
    for weight in weights { graph = graph.message(5, weight) }
    for output in outputs { graph = graph.message(12, port(output, [])) }
    return Message().text(1, name).number(20, 5).message(6, graph)
  }

  public static func tensor(_ name: String, _ value: Message) -> Message {
    Message().text(1, name).number(20, 4).message(5, value)
  }

  /// A tensor of 8-bit numbers: signed (3), unsigned (2) or truth values (9).
  public mutating func bytes(_ name: String, _ dims: [Int], _ values: [Int], element: Int = 3) {
    var message = Message()
    for extent in dims { message = message.number(1, extent) }
    initializers.append(
      message.number(2, element).text(8, name)
        .bytes(9, values.map { UInt8(truncatingIfNeeded: $0) }))
  }

  /// A tensor of floats whose elements lie in another file.
  public mutating func externalWeight(
    _ name: String, _ dims: [Int], in file: String, offset: Int? = nil, length: Int? = nil
  ) {
    var message = Message()
    for extent in dims { message = message.number(1, extent) }
    var places = [("location", file)]
    if let offset { places.append(("offset", "\(offset)")) }
    if let length { places.append(("length", "\(length)")) }
    message = message.number(2, 1).text(8, name).number(14, 1)
    for (key, value) in places {
      message = message.message(13, Message().text(1, key).text(2, value))
    }
    initializers.append(message)
  }

  public static func integers(_ name: String, _ values: [Int]) -> Message {
    var message = Message().text(1, name).number(20, 7)
    for value in values { message = message.number(8, value) }
    return message
  }

  public static func integer(_ name: String, _ value: Int) -> Message {
    Message().text(1, name).number(20, 2).number(3, value)
  }

  /// A tensor of floats; its elements as raw bytes.
  public mutating func weight(_ name: String, _ dims: [Int], _ values: [Float]) {
    initializers.append(Self.weight(name, dims, values))
  }

  public static func weight(_ name: String, _ dims: [Int], _ values: [Float]) -> Message {
    var message = Message()
    for extent in dims { message = message.number(1, extent) }
    let bytes = values.flatMap { value in
      (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
    }
    return message.number(2, 1).text(8, name).bytes(9, bytes)
  }

  /// A tensor of whole numbers.
  public mutating func integers(_ name: String, _ values: [Int]) {
    var message = Message().number(1, values.count).number(2, 7).text(8, name)
    for value in values { message = message.number(7, value) }
    initializers.append(message)
  }

  /// Extents of 0 are free.
  public static func port(_ name: String, _ dims: [Int], element: Int = 1) -> Message {
    var shape = Message()
    for extent in dims {
      shape = shape.message(
        1, extent == 0 ? Message().text(2, "n") : Message().number(1, extent))
    }
    let tensor = Message().number(1, element).message(2, shape)
    return Message().text(1, name).message(2, Message().message(1, tensor))
  }

  public mutating func input(_ name: String, _ dims: [Int], element: Int = 1) {
    inputs.append(Self.port(name, dims, element: element))
  }

  public mutating func output(_ name: String, _ dims: [Int] = [], element: Int = 1) {
    outputs.append(Self.port(name, dims, element: element))
  }

  public var bytes: [UInt8] {
    var graph = Message()
    for node in nodes { graph = graph.message(1, node) }
    graph = graph.text(2, "test")
    for tensor in initializers { graph = graph.message(5, tensor) }
    for port in inputs { graph = graph.message(11, port) }
    for port in outputs { graph = graph.message(12, port) }
    var file = Message().number(1, 8).message(7, graph)
      .message(8, Message().text(1, "").number(2, opset))
    for function in functions { file = file.message(25, function) }
    return file.bytes
  }
}
