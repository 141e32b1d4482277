/// Runs a pickle that can build tensors, dictionaries, lists, tuples, numbers and text, and nothing
/// else: a Python object of any other name is passed over, and no code is ever called.
///
/// A pickle is a program for a stack machine (Python's `pickletools` describes each instruction);
/// instructions of protocols 2 to 5 are known. Every count is checked against the bytes that are
/// there before memory is taken; nothing recurs, so that no nesting is too deep.
struct Unpickler {
  private var reader: PickleReader
  var contents = PickleContents()
  private var stack: [PickleValue] = []
  /// The heights of the stack at the marks.
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  /// Members of lists that became those of dictionaries: a list that is kept can be asked for again.
  var copiedMembers = 0

  /// - Parameter position: where in `bytes` the pickle begins.
  init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0) {
    reader = PickleReader(bytes, at: position)
  }

  /// The byte behind the last one read.
  var position: Int { reader.position }

  /// Runs the pickle to its end.
  mutating func load() throws(ModelFileError) -> PickleContents {
    while true {
      let code = try reader.byte()
      guard let instruction = PickleOpcode(rawValue: code) else {
        throw error("the unknown instruction \(code)")
      }
      if instruction == .stop {
        contents.root = try pop()
        return contents
      }
      try run(instruction)
    }
  }

  // MARK: - Instructions

  private mutating func run(_ instruction: PickleOpcode) throws(ModelFileError) {
    switch instruction {
    case .protocolVersion:
      let version = try reader.byte()
      guard (2...5).contains(version) else { throw error("protocol \(version)") }
    case .frame: _ = try reader.count(bytes: 8)
    case .stop: break
    case .mark: marks.append(stack.count)
    case .pop: _ = try pop()
    case .popToMark: _ = try popToMark()
    case .duplicate: stack.append(try top())

    case .none: stack.append(.none)
    case .true: stack.append(.bool(true))
    case .false: stack.append(.bool(false))
    case .int32: stack.append(.integer(Int(Int32(truncatingIfNeeded: try reader.number(bytes: 4)))))
    case .uint8: stack.append(.integer(Int(try reader.byte())))
    case .uint16: stack.append(.integer(Int(try reader.number(bytes: 2))))
    case .shortLong: stack.append(try longInteger(count: Int(try reader.byte())))
    case .long: stack.append(try longInteger(count: try reader.count(bytes: 4)))
    case .float64: stack.append(.real(Double(bitPattern: try reader.number(bytes: 8).byteSwapped)))

    case .shortText: try pushText(count: Int(try reader.byte()))
    case .text: try pushText(count: try reader.count(bytes: 4))
    case .longText: try pushText(count: try reader.count(bytes: 8))
    case .shortBytes, .shortOldText: try pushBytes(count: Int(try reader.byte()))
    case .bytes, .oldText: try pushBytes(count: try reader.count(bytes: 4))
    case .longBytes, .byteArray: try pushBytes(count: try reader.count(bytes: 8))

    case .emptyTuple: pushTuple([])
    case .tuple1: pushTuple(try pop(1))
    case .tuple2: pushTuple(try pop(2))
    case .tuple3: pushTuple(try pop(3))
    case .tuple: pushTuple(try popToMark())
    case .emptySet: pushList([])
    case .frozenSet: pushList(try popToMark())
    case .addItems: try append(try popToMark())
    case .emptyList: pushList([])
    case .list: pushList(try popToMark())
    case .append: try append(try pop(1))
    case .appends: try append(try popToMark())
    case .emptyDictionary: pushDictionary()
    case .dictionary:
      let members = try popToMark()
      pushDictionary()
      try set(members)
    case .setItem: try set(try pop(2))
    case .setItems: try set(try popToMark())

    case .put: memo[Int(try reader.byte())] = try top()
    case .longPut: memo[Int(try reader.number(bytes: 4))] = try top()
    case .memoize: memo[memo.count] = try top()
    case .get: try recall(Int(try reader.byte()))
    case .longGet: try recall(Int(try reader.number(bytes: 4)))

    case .global:
      let module = try reader.line()
      try pushGlobal(module: module, name: try reader.line())
    case .stackGlobal:
      guard case .text(let name) = try pop(), case .text(let module) = try pop() else {
        throw error("a name that is no text")
      }
      try pushGlobal(module: module, name: name)
    case .newObjectByName:
      // Arguments by name, which nothing that is known takes.
      _ = try pop()
      try call()
    case .reduce, .newObject: try call()
    case .build:
      // Attributes that Python keeps beside a dictionary or a tensor; they hold no weights.
      _ = try pop()
      switch try top() {
      case .dictionary, .tensor, .foreign: break
      default: throw error("attributes of what has none")
      }
    case .persistent: stack.append(try storage(try pop()))
    }
  }

  private mutating func pushTuple(_ elements: [PickleValue]) {
    contents.sequences.append(elements)
    stack.append(.tuple(contents.sequences.count - 1))
  }

  private mutating func pushList(_ elements: [PickleValue]) {
    contents.sequences.append(elements)
    stack.append(.list(contents.sequences.count - 1))
  }

  mutating func pushDictionary() {
    contents.dictionaries.append([])
    stack.append(.dictionary(contents.dictionaries.count - 1))
  }

  private mutating func append(_ elements: [PickleValue]) throws(ModelFileError) {
    if contents.isForeign(try top()) { return }
    guard case .list(let place) = try top() else { throw error("elements of what is no list") }
    contents.sequences[place] += elements
  }

  mutating func set(_ members: [PickleValue]) throws(ModelFileError) {
    if contents.isForeign(try top()) { return }
    guard case .dictionary(let place) = try top() else {
      throw error("members of what is no dictionary")
    }
    guard members.count % 2 == 0 else { throw error("a key without a value") }
    for index in stride(from: 0, to: members.count, by: 2) {
      contents.dictionaries[place].append((members[index], members[index + 1]))
    }
  }

  private mutating func recall(_ key: Int) throws(ModelFileError) {
    guard let value = memo[key] else { throw error("a value that was never kept") }
    stack.append(value)
  }

  private mutating func pushGlobal(module: String, name: String) throws(ModelFileError) {
    stack.append(
      PickleGlobal(module: module, name: name).map(PickleValue.global)
        ?? .foreign("\(module.prefix(80)).\(name.prefix(80))"))
  }

  /// What a name makes of arguments, both on the stack.
  private mutating func call() throws(ModelFileError) {
    let arguments = try pop()
    switch (try pop(), arguments) {
    case (.foreign(let name), _): stack.append(.foreign(name))
    case (.global(let global), .tuple(let place)):
      let arguments = contents.sequences[place]
      // What would be made of an object that was passed over is passed over, too.
      if case .foreign(let name)? = arguments.first(where: contents.isForeign) {
        stack.append(.foreign(name))
      } else {
        stack.append(try made(by: global, of: arguments))
      }
    default: throw error("a call of what is no function")
    }
  }

  // MARK: - The stack

  private func top() throws(ModelFileError) -> PickleValue {
    guard let value = stack.last, stack.count > marks.last ?? 0 else {
      throw error("an empty stack")
    }
    return value
  }

  mutating func pop() throws(ModelFileError) -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  private mutating func pop(_ count: Int) throws(ModelFileError) -> [PickleValue] {
    guard stack.count - (marks.last ?? 0) >= count else { throw error("an empty stack") }
    let values = Array(stack.suffix(count))
    stack.removeLast(count)
    return values
  }

  private mutating func popToMark() throws(ModelFileError) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw error("an end without a mark") }
    let values = Array(stack[mark...])
    stack.removeLast(values.count)
    return values
  }

  // MARK: - Text and numbers

  func error(_ what: String) -> ModelFileError { reader.error(what) }

  private mutating func pushText(count: Int) throws(ModelFileError) {
    guard let text = String(validating: try reader.take(count), as: UTF8.self) else {
      throw error("text that is not UTF-8")
    }
    stack.append(.text(text))
  }

  /// Bytes hold no weights; old text does where Python 2 wrote it, as names in ASCII.
  private mutating func pushBytes(count: Int) throws(ModelFileError) {
    let text = String(validating: try reader.take(count), as: UTF8.self)
    stack.append(text.map(PickleValue.text) ?? .bytes)
  }

  private mutating func longInteger(count: Int) throws(ModelFileError) -> PickleValue {
    let bytes = try reader.take(count)
    guard count <= 8 else { return .wideInteger(Array(bytes)) }
    let isNegative = bytes.last.map { $0 >= 0x80 } ?? false
    var pattern: UInt64 = isNegative ? .max : 0
    for byte in bytes.reversed() { pattern = pattern << 8 | UInt64(byte) }
    return .integer(Int(Int64(bitPattern: pattern)))
  }
}
