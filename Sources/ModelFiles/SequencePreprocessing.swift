/// How a text, a series or a clip becomes a network's input; a model file's card holds one of them.
public enum SequencePreprocessing: Sendable, Equatable {
  case text(TextPreprocessing)
  case series(SeriesPreprocessing)
  /// A clip's frames, each prepared as an image.
  case clip(Preprocessing)

  /// What one input is called: a text, a series, a clip.
  public var noun: String {
    switch self {
    case .text: "text"
    case .series: "series"
    case .clip: "clip"
    }
  }

  /// What several inputs are called.
  public var plural: String {
    switch self {
    case .text: "texts"
    case .series: "series"
    case .clip: "clips"
    }
  }
}

/// How a text becomes numbers: it is cut into tokens, each of which is a number of the vocabulary.
///
/// 0 stands for no token, 1 for one that is not in the vocabulary, 2 for its first.
public struct TextPreprocessing: Sendable, Equatable, Codable {
  /// What a text is cut into.
  public enum Unit: String, Sendable, Codable, CaseIterable {
    /// Runs of letters and digits, apostrophes within them, in lower case; tags in angle brackets part them.
    case words
    /// Characters as they are, runs of white space as one blank.
    case characters
  }

  public var unit: Unit
  /// The longest run of units that is a token: 2 adds the pairs of neighbors behind each unit.
  public var ngrams: Int
  /// Of a longer text the last so many tokens count.
  public var maxTokens: Int
  /// The tokens, the most frequent first.
  public var vocabulary: [String]

  public init(
    unit: Unit = .words, ngrams: Int = 1, maxTokens: Int = 500, vocabulary: [String] = []
  ) {
    self.unit = unit
    self.ngrams = ngrams
    self.maxTokens = maxTokens
    self.vocabulary = vocabulary
  }

  /// The number of a token that is not in the vocabulary, and of its first.
  public static let unknown = 1
  public static let first = 2

  /// How many numbers there are.
  public var tokenCount: Int { vocabulary.count + Self.first }
}

/// How a series becomes a network's input: (x − mean) / std, channel by channel.
public struct SeriesPreprocessing: Sendable, Equatable, Codable {
  /// One for each channel, of the training part.
  public var mean: [Float]
  /// Standard deviations, one for each channel, none 0.
  public var std: [Float]
  /// The image that a series becomes; nil where it stays a series.
  public var image: SeriesImage?

  public init(mean: [Float], std: [Float], image: SeriesImage? = nil) {
    self.mean = mean
    self.std = std
    self.image = image
  }

  public var channels: Int { mean.count }
}

/// In JSON `{"kind": "text", …}`.
extension SequencePreprocessing: Codable {
  private enum Kind: String, Codable { case text, series, clip }
  private enum CodingKeys: CodingKey { case kind }

  public init(from decoder: any Decoder) throws {
    switch try decoder.container(keyedBy: CodingKeys.self).decode(Kind.self, forKey: .kind) {
    case .text: self = .text(try TextPreprocessing(from: decoder))
    case .series: self = .series(try SeriesPreprocessing(from: decoder))
    case .clip: self = .clip(try Preprocessing(from: decoder))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .text(let text):
      try container.encode(Kind.text, forKey: .kind)
      try text.encode(to: encoder)
    case .series(let series):
      try container.encode(Kind.series, forKey: .kind)
      try series.encode(to: encoder)
    case .clip(let frames):
      try container.encode(Kind.clip, forKey: .kind)
      try frames.encode(to: encoder)
    }
  }
}
