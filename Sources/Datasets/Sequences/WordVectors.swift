import Files
import Tensors

/// Vectors of words that someone else has learned, as GloVe and word2vec write them in text files: a word a
/// line and its numbers, parted by blanks (J. Pennington et al., *GloVe*, 2014).
public enum WordVectors {
  /// How many numbers each word has, by the file's first line that is no heading.
  public static func dimensions(path: String) throws(DatasetError) -> Int {
    var dimensions: Int?
    try lines(of: path) { word, numbers in
      dimensions = numbers.split(separator: UInt8(ascii: " ")).count
      return false
    }
    guard let dimensions, dimensions > 1 else {
      throw .corrupt(
        path: path, "holds no vectors of words; expected a word and its numbers a line")
    }
    return dimensions
  }

  /// The vectors of some words; zeros for those that the file lacks.
  ///
  /// - Parameters:
  ///   - words: nil for a row that is no word.
  /// - Returns: words × dimensions, and how many were found.
  public static func table(
    path: String, words: [String?]
  ) throws(DatasetError) -> (vectors: Tensor, found: Int) {
    let dimensions = try dimensions(path: path)
    let rows = Dictionary(
      words.enumerated().compactMap { row, word in word.map { (Array($0.utf8), row) } },
      uniquingKeysWith: { first, _ in first })
    var values = [Float](repeating: 0, count: words.count * dimensions)
    var found = 0
    var problem: String?
    try lines(of: path) { word, numbers in
      guard let row = rows[Array(word)] else { return true }
      let parts = numbers.split(separator: UInt8(ascii: " "))
      let vector = parts.compactMap { Float(String(decoding: $0, as: UTF8.self)) }
      guard vector.count == dimensions, parts.count == dimensions, vector.allSatisfy(\.isFinite)
      else {
        problem =
          "the vector of \"\(printable(String(decoding: word.prefix(40), as: UTF8.self)))\" has not "
          + "\(dimensions) numbers"
        return false
      }
      values.replaceSubrange(row * dimensions..<(row + 1) * dimensions, with: vector)
      found += 1
      return true
    }
    if let problem { throw .corrupt(path: path, problem) }
    guard found > 0 else { throw .corrupt(path: path, "holds none of the texts' words") }
    return (Tensor([words.count, dimensions], values), found)
  }

  /// The lines with a word and its numbers, until `body` says that it has enough.
  private static func lines(
    of path: String,
    _ body: (Slice<UnsafeRawBufferPointer>, Slice<UnsafeRawBufferPointer>) -> Bool
  ) throws(DatasetError) {
    let file: MappedFile
    do throws(FileError) { file = try MappedFile(path: path) } catch {
      throw .corrupt(path: path, "\(error)")
    }
    var rest = file.bytes[...]
    var isFirst = true
    while !rest.isEmpty {
      let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
      var line = rest[..<end]
      rest = rest[(end == rest.endIndex ? end : end + 1)...]
      if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
      while line.last == UInt8(ascii: " ") { line = line.dropLast() }
      guard let blank = line.firstIndex(of: UInt8(ascii: " ")) else { continue }
      let (word, numbers) = (line[..<blank], line[(blank + 1)...])
      // word2vec's heading says how many words and numbers there are.
      let isHeading =
        isFirst && !numbers.contains(UInt8(ascii: " "))
        && word.allSatisfy { (48...57).contains($0) }
      isFirst = false
      if isHeading { continue }
      if !body(word, numbers) { return }
    }
  }
}
