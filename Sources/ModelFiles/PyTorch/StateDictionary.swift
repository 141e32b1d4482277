/// The tensors of a pickle by name: those of a network's state dictionary, wherever in the pickle it
/// lies.
struct StateDictionary {
  /// Names and the places of tensors, in the order in which they stand.
  private(set) var entries: [(name: String, tensor: Int)] = []
  private let contents: PickleContents
  /// What the walk took so far: of each value its name, in bytes, and a bit more.
  private var effort = 0

  /// Under which names checkpoints keep a network's weights, the usual ones first.
  private static let keys = [
    "state_dict", "model_state_dict", "model", "net", "network", "module", "weights", "params",
  ]

  /// No network nests its weights deeper.
  private static let deepest = 16
  /// Dictionaries can hold one another many times over, under names of any length.
  private static let mostEffort = 64 << 20

  init(_ contents: PickleContents) throws(ModelFileError) {
    self.contents = contents
    var root = contents.root
    for _ in 0..<Self.deepest {
      guard case .dictionary(let place) = root,
        !contents.dictionaries[place].contains(where: {
          if case .tensor = $0.value { true } else { false }
        })
      else { break }
      let inner = Self.keys.lazy.compactMap { contents.member($0, of: root) }.first {
        if case .dictionary = $0 { true } else { false }
      }
      guard let inner else { break }
      root = inner
    }
    try collect(root, name: "", depth: 0)
    guard !entries.isEmpty else {
      throw .incomplete("the file holds no tensors by name: save model.state_dict()")
    }
    // A key that was set twice has its last value.
    var seen: Set<String> = []
    entries = entries.reversed().filter { seen.insert($0.name).inserted }.reversed()
  }

  private mutating func collect(
    _ value: PickleValue, name: String, depth: Int
  ) throws(ModelFileError) {
    effort += name.utf8.count + 64
    guard effort <= Self.mostEffort else {
      throw .corrupt("dictionaries that hold one another", format: PyTorchFile.format)
    }
    switch value {
    case .tensor(let place): entries.append((name.isEmpty ? "tensor" : name, place))
    case .dictionary(let place) where depth < Self.deepest:
      for (key, value) in contents.dictionaries[place] {
        let part: String
        switch key {
        case .text(let text): part = text
        case .integer(let number): part = String(number)
        default: continue
        }
        try collect(value, name: name.isEmpty ? part : "\(name).\(part)", depth: depth + 1)
      }
    default: break
    }
  }
}
