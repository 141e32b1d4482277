/// The tensors of a pickle by name: those of a network's state dictionary, wherever in the pickle it
/// lies.
struct StateDict {
  /// Names and the places of tensors, in the order in which they stand.
  private(set) var entries: [(name: String, tensor: Int)] = []
  /// Under which name of the checkpoint they lie; empty where the file holds nothing else.
  private(set) var part = ""
  /// Other dictionaries of tensors that the checkpoint holds.
  private(set) var otherParts: [String] = []
  /// What else there is: its names, those of Python objects with what they are.
  private(set) var passedOver: [String] = []
  private let contents: PickleContents
  /// The places of dictionaries that hold tensors themselves.
  private let holders: Set<Int>
  /// What the walk took so far: of each value its name, in bytes, and a bit more.
  private var effort = 0

  /// Under which names checkpoints keep a network's weights.
  private static let usualParts = [
    "state_dict", "model_state_dict", "model", "net", "network", "module", "weights", "params",
  ]

  /// No network nests its weights deeper.
  private static let deepest = 16
  /// Dictionaries can hold one another many times over, under names of any length.
  private static let maxVisitedBytes = 64 << 20

  /// - Parameter wanted: under which name of the checkpoint to look; nil takes the averaged weights (EMA),
  ///   then the only ones that there are, then those under a usual name.
  init(_ contents: PickleContents, part wanted: String? = nil) throws(ModelFileError) {
    self.contents = contents
    holders = Set(
      contents.dictionaries.indices.filter { place in
        contents.dictionaries[place].contains {
          if case (.text, .tensor) = ($0.key, $0.value) { true } else { false }
        }
      })
    var root = contents.root
    if let wanted {
      for name in wanted.split(separator: ".") {
        guard case .dictionary? = contents.member(String(name), of: root) else {
          throw .incomplete(
            "the file holds no part \(wanted)"
              + Self.list(parts(of: contents.root).map(\.name), "; it has "))
        }
        noteOthers(of: root, but: String(name))
        root = contents.member(String(name), of: root) ?? .none
      }
      part = wanted
    } else {
      for _ in 0..<Self.deepest {
        guard let choice = try choice(in: root) else { break }
        part += (part.isEmpty ? "" : ".") + choice.name
        noteOthers(of: root, but: choice.name)
        root = choice.value
      }
    }
    try collect(root, name: "", depth: 0)
    guard !entries.isEmpty else {
      var object = ""
      if case .foreign(let name) = root { object = ", but the Python object \(name)" }
      throw .incomplete(
        "the file holds no tensors by name\(object); save weights alone: "
          + "torch.save(model.state_dict(), path)")
    }
    // A key that was set twice has its last value.
    var seen: Set<String> = []
    entries = entries.reversed().filter { seen.insert($0.name).inserted }.reversed()
  }

  // MARK: - Parts

  private typealias Part = (name: String, value: PickleValue)

  /// The dictionaries in a dictionary that hold tensors themselves.
  private func parts(of value: PickleValue) -> [Part] {
    guard case .dictionary(let place) = value else { return [] }
    var places: [String: Int] = [:]
    var parts: [Part] = []
    for (key, value) in contents.dictionaries[place] {
      guard case .text(let name) = key, holdsTensors(value) else { continue }
      // A key that was set twice has its last value.
      if let place = places[name] {
        parts[place].value = value
      } else {
        places[name] = parts.count
        parts.append((name, value))
      }
    }
    return parts
  }

  private func holdsTensors(_ value: PickleValue) -> Bool {
    if case .dictionary(let place) = value { holders.contains(place) } else { false }
  }

  /// Which part of a checkpoint is the network; nil where it is no checkpoint.
  private func choice(in value: PickleValue) throws(ModelFileError) -> Part? {
    if holdsTensors(value) { return nil }
    let parts = parts(of: value)
    if parts.count < 2 {
      if let only = parts.first { return only }
      // Deeper down, under a usual name.
      return Self.usualParts.lazy.compactMap { name -> Part? in
        guard let inner = contents.member(name, of: value), case .dictionary = inner else {
          return nil
        }
        return (name, inner)
      }.first
    }
    let averaged = parts.filter { part in
      part.name.lowercased().split { !$0.isLetter }.contains { $0 == "ema" || $0 == "averaged" }
    }
    let usual = parts.filter { Self.usualParts.contains($0.name) }
    for choice in [averaged, usual] where choice.count == 1 { return choice[0] }
    throw .incomplete(
      "the file holds several networks\(Self.list(parts.map(\.name), ": ")); say which with --part")
  }

  private static func list(_ names: [String], _ before: String) -> String {
    guard !names.isEmpty else { return "" }
    let shown = names.prefix(8).joined(separator: ", ")
    return before + shown + (names.count > 8 ? " and \(names.count - 8) more" : "")
  }

  /// Notes what a checkpoint holds beside the part that is taken.
  private mutating func noteOthers(of value: PickleValue, but taken: String) {
    guard case .dictionary(let place) = value else { return }
    for (key, value) in contents.dictionaries[place] {
      guard case .text(let name) = key, name != taken else { continue }
      if holdsTensors(value) {
        otherParts.append(name)
      } else {
        notePassedOver(name, value)
      }
    }
  }

  private mutating func notePassedOver(_ name: String, _ value: PickleValue) {
    guard passedOver.count < 1000 else { return }
    if case .foreign(let object) = value {
      passedOver.append("\(name) (\(object))")
    } else {
      passedOver.append(name)
    }
  }

  // MARK: - Tensors

  private mutating func collect(
    _ value: PickleValue, name: String, depth: Int
  ) throws(ModelFileError) {
    effort += name.utf8.count + 64
    guard effort <= Self.maxVisitedBytes else {
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
    case .none: break
    default: notePassedOver(name, value)
    }
  }
}
