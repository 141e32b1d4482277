import Tensors

/// Which tensors of a file give a network's variables their values.
///
/// First by name: as the file writes it, without the prefix that most names share (`module.`), or by the
/// usual other names of a part (`gamma` for `weight`, …). What is left by shape, where one variable and one
/// tensor of the same part (weight, bias, …) alone have it. Dense weights that lie [in, out], as Keras and
/// burn keep them, are turned round. Keras's paths name a layer alone, wherever it lies.
public struct WeightMatch: Sendable {
  /// A variable and the tensor that it comes from.
  public struct Pair: Sendable, Hashable {
    public enum Reason: String, Sendable, Codable {
      /// Both have that name.
      case name
      /// No other tensor of that part has the shape.
      case shape
      /// The file's tensors of that shape stand in the network's order.
      case order
    }

    public var variable: String
    public var tensor: String
    public var reason: Reason
    /// Whether the file keeps it [in, out].
    public var isTransposed: Bool
  }

  /// A variable and a tensor of its name that does not fit.
  public struct ShapeMismatch: Sendable, Hashable {
    public var variable: String
    public var expected: Shape
    public var received: Shape
  }

  /// In the order of the variables.
  public let pairs: [Pair]
  /// Variables without a tensor.
  public let missingKeys: [String]
  /// Variables whose tensor has another shape.
  public let shapeMismatches: [ShapeMismatch]
  /// Tensors that no variable took, as the file calls them; without PyTorch's counters of batches, which
  /// nothing needs.
  public let unexpectedKeys: [String]
  /// What was taken from the beginning of the file's names.
  public let prefix: String

  /// Whether every variable has its tensor.
  public var isComplete: Bool { missingKeys.isEmpty && shapeMismatches.isEmpty }

  /// - Parameters:
  ///   - variables: the network's, in their order.
  ///   - tensors: the file's, in its order.
  ///   - renamedPrefixes: beginnings of the file's names and what to write in their place; for each name the
  ///     first that fits.
  ///   - matchesByOrder: whether tensors that cannot be told apart by name or shape are taken in the file's
  ///     order.
  public init(
    variables: [(name: String, shape: Shape)], tensors: [(name: String, shape: Shape)],
    renamedPrefixes: [(old: String, new: String)] = [], matchesByOrder: Bool = false
  ) {
    let renamed = tensors.map { tensor in
      let rename = renamedPrefixes.first { tensor.name.hasPrefix($0.old) }
      return rename.map { $0.new + tensor.name.dropFirst($0.old.count) } ?? tensor.name
    }
    prefix = Self.commonPrefix(of: renamed, before: Set(variables.map(\.name)))
    var places: [String: Int] = [:]
    for spelling in [Self.canonical, { $0 }] {
      // The file's own spelling is set last and so goes before the usual other names.
      for (place, name) in renamed.enumerated().reversed() where name.hasPrefix(prefix) {
        places[spelling(String(name.dropFirst(prefix.count)))] = place
      }
    }

    var pairs: [Int: Pair] = [:]
    var shapeMismatches: [Int: ShapeMismatch] = [:]
    var used: Set<Int> = []
    let turned = Self.denseIsTransposed(variables, tensors: tensors, places: places)
    for (index, (name, shape)) in variables.enumerated() {
      guard let place = places[name], used.insert(place).inserted else { continue }
      let received = tensors[place].shape
      let isTransposed = turned && shape.rank == 2 && received == shape.transposed
      if received == shape || isTransposed {
        pairs[index] = Pair(
          variable: name, tensor: tensors[place].name, reason: .name, isTransposed: isTransposed)
      } else {
        shapeMismatches[index] = ShapeMismatch(variable: name, expected: shape, received: received)
      }
    }

    // A layer's name with its part is the end of one variable's name alone.
    let ends = Dictionary(
      grouping: renamed.indices.filter { KerasLayout.isPath(renamed[$0]) && !used.contains($0) }
    ) { "." + Self.canonical(renamed[$0]) }
    for (index, (name, shape)) in variables.enumerated()
    where pairs[index] == nil && shapeMismatches[index] == nil && !ends.isEmpty {
      let dots = name.indices.filter { name[$0] == "." }
      guard let places = dots.lazy.compactMap({ ends[String(name[$0...])] }).first,
        places.count == 1, tensors[places[0]].shape == shape, used.insert(places[0]).inserted
      else { continue }
      pairs[index] = Pair(
        variable: name, tensor: tensors[places[0]].name, reason: .name, isTransposed: false)
    }

    let free = renamed.indices.filter { !used.contains($0) && tensors[$0].shape.rank > 0 }
    let tensorsByKind = Dictionary(grouping: free) {
      Kind(name: renamed[$0], shape: tensors[$0].shape)
    }
    let open = variables.indices.filter { pairs[$0] == nil && shapeMismatches[$0] == nil }
    let openByKind = Dictionary(grouping: open) {
      Kind(name: variables[$0].name, shape: variables[$0].shape)
    }
    for (kind, indices) in openByKind {
      guard let candidates = tensorsByKind[kind], candidates.count == indices.count,
        matchesByOrder || indices.count == 1
      else { continue }
      for (index, place) in zip(indices, candidates) {
        used.insert(place)
        pairs[index] = Pair(
          variable: variables[index].name, tensor: tensors[place].name,
          reason: indices.count == 1 ? .shape : .order, isTransposed: false)
      }
    }
    self.pairs = variables.indices.compactMap { pairs[$0] }
    self.shapeMismatches = variables.indices.compactMap { shapeMismatches[$0] }
    missingKeys = variables.indices.filter { pairs[$0] == nil && shapeMismatches[$0] == nil }
      .map { variables[$0].name }
    unexpectedKeys = tensors.indices.filter { !used.contains($0) }.map { tensors[$0].name }
      .filter { !$0.hasSuffix("num_batches_tracked") }
  }

  /// What can be told of a tensor without its name's beginning.
  private struct Kind: Hashable {
    var part: String
    var shape: Shape

    init(name: String, shape: Shape) {
      part = String(WeightMatch.canonical(name).split(separator: ".").last ?? "")
      self.shape = shape
    }
  }

  /// The beginning, up to a dot, without which most names are those of variables.
  private static func commonPrefix(of names: [String], before variables: Set<String>) -> String {
    var counts: [String: Int] = [:]
    for name in names {
      let known = canonical(name)
      if variables.contains(name) || variables.contains(known) { counts["", default: 0] += 1 }
      var rest = Substring(known)
      // No name has more parts than these.
      for _ in 0..<16 {
        guard let dot = rest.firstIndex(of: ".") else { break }
        rest = rest[rest.index(after: dot)...]
        if variables.contains(String(rest)) {
          counts[String(known.dropLast(rest.count)), default: 0] += 1
        }
      }
    }
    return counts.max { ($0.value, $1.key.count, $1.key) < ($1.value, $0.key.count, $0.key) }?.key
      ?? ""
  }

  /// A name with the last part as PyTorch calls it.
  private static func canonical(_ name: String) -> String {
    if KerasLayout.isPath(name) { return KerasLayout.canonical(name) }
    guard let dot = name.lastIndex(of: "."),
      let part = usualParts[String(name[name.index(after: dot)...])]
    else { return usualParts[name] ?? name }
    return name[...dot] + part
  }

  private static let usualParts = [
    "kernel": "weight", "gamma": "weight", "scale": "weight", "beta": "bias",
    "moving_mean": "running_mean", "moving_variance": "running_var",
    "running_variance": "running_var",
  ]

  /// Whether dense weights lie [in, out]: at least one fits only so, and none only [out, in].
  private static func denseIsTransposed(
    _ variables: [(name: String, shape: Shape)], tensors: [(name: String, shape: Shape)],
    places: [String: Int]
  ) -> Bool {
    var isTurned = false
    for (name, shape) in variables where shape.rank == 2 && shape[0] != shape[1] {
      guard let place = places[name] else { continue }
      if tensors[place].shape == shape { return false }
      if tensors[place].shape == shape.transposed { isTurned = true }
    }
    return isTurned
  }
}

extension Shape {
  /// The axes in the opposite order.
  fileprivate var transposed: Shape { Shape(dimensions.reversed()) }
}

extension WeightMatch {
  /// The values of all variables that have a tensor.
  public func values(from file: WeightsFile) throws(ModelFileError) -> TensorTable {
    var values = TensorTable()
    for pair in pairs {
      guard let tensor = try file.tensor(pair.tensor) else { continue }
      values[pair.variable] = pair.isTransposed ? tensor.transposed : tensor
    }
    return values
  }
}

extension Tensor {
  /// A matrix with rows and columns exchanged.
  fileprivate var transposed: Tensor {
    let (rows, columns) = (shape[0], shape[1])
    return Tensor([columns, rows]) { target in
      withUnsafeBufferPointer { source in
        // Both hold rows × columns elements.
        for row in 0..<rows {
          for column in 0..<columns { target[column * rows + row] = source[row * columns + column] }
        }
      }
    }
  }
}
