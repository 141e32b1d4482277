/// What a model calls the classes that folders name by WordNet id or by number.
///
/// Lists of ImageNet's labels say `n01440764 tench, Tinca tinca`, and its folders are called `n01440764`;
/// others number their folders as a model does its outputs.
package enum ClassNameMatch {
  /// The model's names of a dataset's classes; names that mean none of the model's classes stay as they are.
  package static func names(_ names: [String], among classNames: [String]) -> [String] {
    let known = Set(classNames)
    if names.allSatisfy(known.contains) { return names }
    let numbers = names.compactMap { Int($0) }
    if numbers.count == names.count, !names.contains(where: known.contains),
      numbers.allSatisfy(classNames.indices.contains)
    {
      return numbers.map { classNames[$0] }
    }
    let labels = Dictionary(
      classNames.compactMap { label in wordNetID(of: label).map { ($0, label) } },
      uniquingKeysWith: { first, _ in first })
    return names.map { name in
      known.contains(name) ? name : wordNetID(of: name).flatMap { labels[$0] } ?? name
    }
  }

  /// The `n` and eight digits that a text begins with, no letter or digit behind them; nil where it begins
  /// otherwise.
  private static func wordNetID(of text: String) -> String? {
    let start = text.utf8.prefix(9)
    guard start.count == 9, start.first == UInt8(ascii: "n"),
      start.dropFirst().allSatisfy({ (0x30...0x39).contains($0) }),
      text.utf8.dropFirst(9).first.map({
        $0 < 0x80 && !Character(Unicode.Scalar($0)).isLetter
          && !Character(Unicode.Scalar($0)).isNumber
      }) ?? true
    else { return nil }
    return String(text.prefix(9))
  }
}
