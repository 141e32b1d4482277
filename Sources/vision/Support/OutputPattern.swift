import Images

/// The names of results, made from those of the inputs: `out/{name}.{filter}.{ext}`.
struct OutputPattern: Sendable {
  private enum Piece: Sendable {
    case text([UInt8])
    case field(Field)
  }

  /// What a word in braces stands for.
  enum Field: String, CaseIterable, Sendable {
    /// The input's name without its ending.
    case name
    /// The folders below the one that all inputs have in common.
    case dir
    /// The names of the filters, joined by `-`.
    case filter
    /// The ending of the result's format.
    case ext
    /// The input's own ending.
    case from
  }

  private let pieces: [Piece]
  private let label: String

  /// Nil where there are no braces in the path.
  ///
  /// - Parameter label: what {filter} stands for.
  /// - Throws: a usage error for an unknown word in braces.
  init?(_ path: FilePath, label: String) throws(RunError) {
    guard path.bytes.contains(UInt8(ascii: "{")) else { return nil }
    var pieces: [Piece] = []
    var rest = path.bytes[...]
    while let open = rest.firstIndex(of: UInt8(ascii: "{")) {
      guard let close = rest[open...].firstIndex(of: UInt8(ascii: "}")) else { break }
      let word = String(decoding: rest[(open + 1)..<close], as: UTF8.self)
      guard let field = Field(rawValue: word) else {
        let known = Field.allCases.map { "{\($0.rawValue)}" }.joined(separator: ", ")
        throw .usage("-o \(path): {\(word)} is unknown; there are \(known)")
      }
      pieces += [.text(Array(rest[..<open])), .field(field)]
      rest = rest[(close + 1)...]
    }
    guard !pieces.isEmpty else { return nil }
    self.pieces = pieces + [.text(Array(rest))]
    self.label = label
  }

  /// The path of an input's result.
  func path(for input: FilePath, below relative: FilePath, format: ImageFormat) -> FilePath {
    let (stem, ending) = input.splitName ?? (input.name, [])
    var result: [UInt8] = []
    for piece in pieces {
      switch piece {
      case .text(let bytes): result += bytes
      case .field(.name): result += stem
      case .field(.dir):
        let parent = relative.parent
        result += parent.bytes
      case .field(.filter): result += Array(label.utf8)
      case .field(.ext):
        let promised = ImageFormat(extensionOf: input) == format
        result += promised && !ending.isEmpty ? ending : Array(format.fileExtension.utf8)
      case .field(.from): result += ending
      }
    }
    return FilePath(bytes: result)
  }
}
