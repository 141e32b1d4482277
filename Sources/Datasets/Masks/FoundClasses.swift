/// What a set of masks holds, mask after mask.
struct FoundClasses {
  private let void: Int?
  private var kind: MaskClasses.Kind?
  private var values: Set<Int> = []
  private var palette: [Int] = []

  init(void: Int?) { self.void = void }

  mutating func add(
    _ kind: MaskClasses.Kind, _ values: Set<Int>, _ palette: [Int], path: String
  ) throws(DatasetError) {
    guard self.kind == nil || self.kind == kind else {
      throw .corrupt(
        path: path, "some masks hold numbers (palette or gray), others colors; make them alike")
    }
    self.kind = kind
    self.values.formUnion(values)
    if let void { self.values.remove(void) }
    if self.palette.isEmpty { self.palette = palette }
    guard self.values.count <= MaskClasses.largestCount else {
      throw .corrupt(
        path: path,
        "the masks hold more than \(MaskClasses.largestCount) \(kind == .color ? "colors" : "levels"), "
          + "as photographs do; expected one for each class")
    }
  }

  func classes(named file: ClassNameFile?, path: String) throws(DatasetError) -> MaskClasses {
    guard let kind, values.count + (file?.names.count ?? 0) > 0 else {
      throw .corrupt(path: path, "no mask can be read")
    }
    let found = values.sorted()
    guard let file else {
      guard found.count > 1 else {
        throw .corrupt(path: path, "all masks hold one class; there is nothing to tell apart")
      }
      return MaskClasses(
        kind: kind, names: found.map { "class " + MaskClasses.text(of: $0, kind) }, values: found,
        colors: colors(of: found, kind), void: void)
    }
    var named = try named(by: file, kind)
    let unnamed = found.filter { value in !named.contains { $0.value == value } }
    if !unnamed.isEmpty {
      // Numbers with gaps, such as 0 and 255: in their order.
      guard kind == .index, found.count == named.count else {
        throw .corrupt(
          path: path,
          "the masks hold \(found.count) values, of which "
            + unnamed.prefix(5).map { MaskClasses.text(of: $0, kind) }.joined(separator: ", ")
            + " \(unnamed.count == 1 ? "is" : "are") not among the \(named.count) classes of "
            + "\(file.path); name all, or say with --void which one counts as none")
      }
      for place in named.indices { named[place].value = found[place] }
    }
    let values = named.map(\.value)
    let drawn = named.compactMap(\.color)
    return MaskClasses(
      kind: kind, names: named.map(\.name), values: values,
      colors: drawn.isEmpty ? colors(of: values, kind) : drawn, void: void)
  }

  /// The classes of a file with the values that their lines stand for, without that of no class.
  private func named(
    by file: ClassNameFile, _ kind: MaskClasses.Kind
  ) throws(DatasetError) -> [(name: String, value: Int, color: Int?)] {
    guard kind == .index || !file.colors.isEmpty else {
      throw .corrupt(
        path: file.path,
        "the masks are in colors; begin each line with the color of its class, as in 128 64 128 road"
      )
    }
    let all = file.names.enumerated().map { line, name in
      let color = file.colors.isEmpty ? nil : file.colors[line]
      return (name: name, value: kind == .index ? line : color ?? 0, color: color)
    }
    let named = all.filter { $0.value != void }
    guard !named.isEmpty else { throw .corrupt(path: file.path, "names no class") }
    return named
  }

  private func colors(of values: [Int], _ kind: MaskClasses.Kind) -> [Int] {
    if kind == .color { return values }
    let drawn = values.map { $0 < palette.count ? palette[$0] : -1 }
    // A palette of one color, or none at all, tells nothing apart.
    return drawn.contains(-1) || Set(drawn).count < values.count
      ? values.indices.map(MaskClasses.color) : drawn
  }
}
