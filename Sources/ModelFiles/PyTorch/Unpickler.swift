/// Runs a pickle that can build tensors, dictionaries, lists, tuples, numbers and text, and nothing
/// else: a Python object of any other name is passed over, and no code is ever called.
///
/// A pickle is a program for a stack machine (Python's `pickletools` describes each instruction);
/// instructions of protocols 2 to 5 are known. Every count is checked against the bytes that are
/// there before memory is taken; nothing recurs, so that no nesting is too deep.
struct Unpickler {
  private var reader: PickleReader
  private var contents = PickleContents()
  private var stack: [PickleValue] = []
  /// The heights of the stack at the marks.
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  /// Members of lists that became those of dictionaries: a list that is kept can be asked for again.
  private var copiedMembers = 0

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

  private mutating func pushDictionary() {
    contents.dictionaries.append([])
    stack.append(.dictionary(contents.dictionaries.count - 1))
  }

  private mutating func append(_ elements: [PickleValue]) throws(ModelFileError) {
    if contents.isForeign(try top()) { return }
    guard case .list(let place) = try top() else { throw error("elements of what is no list") }
    contents.sequences[place] += elements
  }

  private mutating func set(_ members: [PickleValue]) throws(ModelFileError) {
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

  // MARK: - What known names make

  private mutating func made(
    by global: PickleGlobal, of arguments: [PickleValue]
  ) throws(ModelFileError) -> PickleValue {
    switch global {
    case .orderedDictionary:
      pushDictionary()
      let pairs = arguments.first.flatMap(contents.elements) ?? []
      copiedMembers += pairs.count
      guard copiedMembers <= PickleReader.largest else {
        throw error("dictionaries of more members than there are bytes")
      }
      for pair in pairs {
        guard let pair = contents.elements(pair), pair.count == 2 else {
          throw error("a dictionary of what are no pairs")
        }
        try set(pair)
      }
      return try pop()
    case .size:
      guard let extents = arguments.first, contents.elements(extents) != nil else {
        throw error("a size without extents")
      }
      return extents
    case .tensor: return try tensor(arguments, type: nil)
    case .typedTensor:
      guard arguments.count > 6, case .global(.elementType(let type)) = arguments[6] else {
        throw error("a tensor without a type")
      }
      return try tensor(arguments, type: type)
    case .parameter:
      guard case .tensor(let place)? = arguments.first else {
        throw error("a parameter without a tensor")
      }
      return .tensor(place)
    case .storageType, .elementType: throw error("a call of a type")
    }
  }

  private mutating func tensor(
    _ arguments: [PickleValue], type: ElementType?
  ) throws(ModelFileError) -> PickleValue {
    guard arguments.count >= 4, case .storage(let place) = arguments[0],
      case .integer(let offset) = arguments[1],
      let extents = wholeNumbers(arguments[2]), let strides = wholeNumbers(arguments[3]),
      offset >= 0, extents.count == strides.count
    else { throw error("a tensor that does not say how it lies in its storage") }
    let storage = contents.storages[place]
    guard let type = type ?? storage.type else { throw error("a tensor without a type") }
    contents.tensors.append(
      PickledTensor(
        storage: storage, type: type, offset: offset, extents: extents, strides: strides))
    return .tensor(contents.tensors.count - 1)
  }

  private func wholeNumbers(_ value: PickleValue) -> [Int]? {
    guard let elements = contents.elements(value), elements.count <= 64 else { return nil }
    let numbers = elements.compactMap { element -> Int? in
      if case .integer(let number) = element, number >= 0 { number } else { nil }
    }
    return numbers.count == elements.count ? numbers : nil
  }

  /// The storage of a persistent name: `("storage", type, key, device, count)`, in the legacy form
  /// with a view `(key, start, count)` of it or None behind.
  private mutating func storage(_ name: PickleValue) throws(ModelFileError) -> PickleValue {
    if let parts = contents.elements(name), parts.count >= 2, case .foreign(let type) = parts[1] {
      return .foreign(type)
    }
    guard let parts = contents.elements(name), parts.count >= 5,
      case .text("storage") = parts[0], case .global(.storageType(let type)) = parts[1],
      case .text(let key) = parts[2], case .integer(let count) = parts[4], count >= 0
    else { throw error("an outside object that is no storage") }
    var storage = PickledStorage(key: key, type: type, count: count)
    if parts.count > 5, let view = contents.elements(parts[5]) {
      guard view.count == 3, case .integer(let start) = view[1], start >= 0 else {
        throw error("a view that does not say where it begins")
      }
      storage.start = start
    }
    contents.storages.append(storage)
    return .storage(contents.storages.count - 1)
  }

  // MARK: - The stack

  private func top() throws(ModelFileError) -> PickleValue {
    guard let value = stack.last, stack.count > marks.last ?? 0 else {
      throw error("an empty stack")
    }
    return value
  }

  private mutating func pop() throws(ModelFileError) -> PickleValue {
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

  private func error(_ what: String) -> ModelFileError { reader.error(what) }

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
