/// A value that a pickle builds.
///
/// Containers are places in the pickle's list of objects: a pickle may put them into themselves, and
/// nest them as deep as it is long, which values that own their parts would not survive.
enum PickleValue: Sendable {
  case none
  case bool(Bool)
  case integer(Int)
  /// A number beyond 64 bits: little-endian, two's complement.
  case wideInteger([UInt8])
  case real(Double)
  case text(String)
  case bytes
  /// The place of a tuple's elements.
  case tuple(Int)
  /// The place of a list's elements.
  case list(Int)
  /// The place of a dictionary's members.
  case dictionary(Int)
  /// One of the few names that are known.
  case global(PickleGlobal)
  /// A Python name that is not known, or an object that it would make: nothing is, and it is passed over.
  case foreign(String)
  /// The place of a storage.
  case storage(Int)
  /// The place of a tensor.
  case tensor(Int)
}

/// What a whole pickle made.
struct PickleContents: Sendable {
  var root = PickleValue.none
  /// The elements of tuples and lists.
  var sequences: [[PickleValue]] = []
  /// The members of dictionaries in the order in which they were set; a later one counts.
  var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
  var storages: [PickledStorage] = []
  var tensors: [PickledTensor] = []

  /// Whether a value is an object that was passed over.
  func isForeign(_ value: PickleValue) -> Bool {
    if case .foreign = value { true } else { false }
  }

  /// The elements of a tuple or list.
  func elements(_ value: PickleValue) -> [PickleValue]? {
    switch value {
    case .tuple(let place), .list(let place): sequences[place]
    default: nil
    }
  }

  /// The value of a dictionary's key.
  func member(_ name: String, of value: PickleValue) -> PickleValue? {
    guard case .dictionary(let place) = value else { return nil }
    return dictionaries[place].last { member in
      if case .text(name) = member.key { true } else { false }
    }?.value
  }
}

/// Numbers that lie beside the pickle.
struct PickledStorage: Sendable, Equatable {
  /// The name of the file, or of the part, that holds them.
  var key: String
  /// nil where tensors say it.
  var type: ElementType?
  /// Elements; bytes where there is no type.
  var count: Int
  /// The element with which a view of it begins.
  var start = 0
}

/// A tensor as a view of a storage.
struct PickledTensor: Sendable, Equatable {
  var storage: PickledStorage
  var type: ElementType
  /// The element of the storage with which it begins.
  var offset: Int
  var extents: [Int]
  /// For each axis how many elements of the storage one step along it passes.
  var strides: [Int]
}

/// The names of Python objects that a pickle may use: those that make tensors of stored numbers.
enum PickleGlobal: Sendable, Equatable {
  case orderedDictionary
  case size
  /// `_rebuild_tensor` and `_rebuild_tensor_v2`.
  case tensor
  /// `_rebuild_tensor_v3`: the type stands beside the storage.
  case typedTensor
  case parameter
  case storageType(ElementType?)
  case elementType(ElementType)

  init?(module: String, name: String) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDictionary
    case ("torch", "Size"): self = .size
    case ("torch._utils", "_rebuild_tensor"), ("torch._utils", "_rebuild_tensor_v2"):
      self = .tensor
    case ("torch._utils", "_rebuild_tensor_v3"): self = .typedTensor
    case ("torch._utils", "_rebuild_parameter"),
      ("torch._utils", "_rebuild_parameter_with_state"):
      self = .parameter
    case ("torch.storage", "UntypedStorage"), ("torch", "UntypedStorage"):
      self = .storageType(nil)
    case ("torch", _), ("torch.cuda", _):
      if let type = Self.storageTypes[name] {
        self = .storageType(type)
      } else if let type = Self.elementTypes[name] {
        self = .elementType(type)
      } else {
        return nil
      }
    default: return nil
    }
  }

  private static let storageTypes: [String: ElementType] = [
    "DoubleStorage": .float64, "FloatStorage": .float32, "HalfStorage": .float16,
    "BFloat16Storage": .bfloat16, "LongStorage": .int64, "IntStorage": .int32,
    "ShortStorage": .int16, "CharStorage": .int8, "ByteStorage": .uint8, "BoolStorage": .bool,
  ]

  private static let elementTypes: [String: ElementType] = [
    "float64": .float64, "float32": .float32, "float16": .float16, "bfloat16": .bfloat16,
    "float8_e4m3fn": .float8E4M3, "float8_e5m2": .float8E5M2, "int64": .int64, "int32": .int32,
    "int16": .int16, "int8": .int8, "uint64": .uint64, "uint32": .uint32, "uint16": .uint16,
    "uint8": .uint8, "bool": .bool,
  ]
}
