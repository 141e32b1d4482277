import ModelFiles

extension TextPreprocessing {
  /// The tokens of a text, as the vocabulary lists them.
  public func tokens(of text: String) -> [String] {
    let units = units(of: text)
    guard ngrams > 1 else { return units }
    var tokens: [String] = []
    tokens.reserveCapacity(units.count * ngrams)
    for place in units.indices {
      tokens.append(units[place])
      for count in 2...ngrams where place + 1 >= count {
        tokens.append(units[(place + 1 - count)...place].joined(separator: " "))
      }
    }
    return tokens
  }

  /// The words or characters of a text.
  public func units(of text: String) -> [String] {
    unit == .words ? Self.words(of: text) : Self.characters(of: text)
  }

  /// The units that each token of a text of so many units is made of, in the order of ``tokens(of:)``.
  public func spans(unitCount: Int) -> [Range<Int>] {
    (0..<unitCount).flatMap { place in
      (1...max(ngrams, 1)).filter { place + 1 >= $0 }.map { (place + 1 - $0)..<(place + 1) }
    }
  }

  /// The same preprocessing with the most frequent tokens of some texts; of equally frequent ones those that
  /// come first in the alphabet.
  ///
  /// - Parameter size: the most tokens.
  public func learned(from texts: [String], size: Int) -> TextPreprocessing {
    var counts: [String: Int] = [:]
    for text in texts { for token in tokens(of: text) { counts[token, default: 0] += 1 } }
    var copy = self
    copy.vocabulary = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(size)
      .map(\.key)
    return copy
  }

  private static func words(of text: String) -> [String] {
    var words: [String] = []
    var word: [UInt8] = []
    // ASCII, which most texts are, is told by its bytes; what is not is lowered by scalars.
    var isASCII = true
    func end() {
      while word.last == UInt8(ascii: "'") { word.removeLast() }
      if !word.isEmpty {
        let made = String(decoding: word, as: UTF8.self)
        words.append(isASCII ? made : made.lowercased())
      }
      word.removeAll(keepingCapacity: true)
      isASCII = true
    }
    let scalars = text.unicodeScalars
    var place = scalars.startIndex
    while place < scalars.endIndex {
      let scalar = scalars[place]
      if scalar.isASCII {
        let byte = UInt8(truncatingIfNeeded: scalar.value)
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
          word.append(byte)
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): word.append(byte | 0x20)
        case UInt8(ascii: "'"): if !word.isEmpty { word.append(byte) }
        case UInt8(ascii: "<"):
          end()
          if let close = endOfTag(scalars, from: place) { place = close }
        default: end()
        }
      } else if scalar == "\u{2019}" {
        if !word.isEmpty { word.append(UInt8(ascii: "'")) }
      } else if scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        || scalar.properties.generalCategory == .nonspacingMark
      {
        isASCII = false
        word += UTF8.encode(scalar).map { Array($0) } ?? []
      } else {
        end()
      }
      place = scalars.index(after: place)
    }
    end()
    return words
  }

  /// Where a tag ends that begins at a place, such as `<br />`; nil where none does.
  private static func endOfTag(
    _ scalars: String.UnicodeScalarView, from start: String.Index
  ) -> String.Index? {
    var place = scalars.index(after: start)
    guard place < scalars.endIndex,
      scalars[place] == "/" || scalars[place].isASCII && scalars[place].properties.isAlphabetic
    else { return nil }
    for _ in 0..<200 {
      if scalars[place] == ">" { return place }
      place = scalars.index(after: place)
      if place == scalars.endIndex { return nil }
    }
    return nil
  }

  private static func characters(of text: String) -> [String] {
    var characters: [String] = []
    var isBlank = true
    for character in text {
      if character.isWhitespace {
        if !isBlank { characters.append(" ") }
      } else {
        characters.append(String(character))
      }
      isBlank = character.isWhitespace
    }
    return characters
  }
}

/// Turns texts into the numbers of their tokens.
public struct TokenNumbers: Sendable {
  public let preprocessing: TextPreprocessing
  private let numbers: [String: Int]

  public init(_ preprocessing: TextPreprocessing) {
    self.preprocessing = preprocessing
    numbers = Dictionary(
      zip(preprocessing.vocabulary, TextPreprocessing.first...),
      uniquingKeysWith: { first, _ in first })
  }

  /// The numbers of the last ``TextPreprocessing/maxTokens`` tokens; none of a text without any.
  public func sequence(of text: String) -> FeatureSequence {
    let tokens = preprocessing.tokens(of: text).suffix(preprocessing.maxTokens)
    return FeatureSequence(
      features: 1, values: tokens.map { Float(numbers[$0] ?? TextPreprocessing.unknown) })
  }
}
