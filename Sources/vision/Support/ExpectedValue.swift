/// What to give in the place of a value that the argument parser refused.
enum ExpectedValue {
  /// By the name that the option's help has for its value.
  private static let descriptions = [
    "n": "a whole number", "k": "a whole number", "q": "a whole number",
    "count": "a whole number", "rows": "a whole number", "epochs": "a number",
    "fraction": "a number", "rate": "a number",
    "norm": "a number", "p": "a number", "t": "a number", "λ": "a number",
    "quality": "keep or a whole number from 1 to 100",
    "kinds": "all, or some of icc, exif, gps, xmp, text and resolution",
    "bytes": "a number of bytes such as 512M",
    "list": "seeds such as 3,8,21 or 0-15",
    "HxWxC": "sizes such as 32x32x3",
    "x,y,w,h": "four whole numbers such as 100,80,8,8",
    "mean": "one number, or one per channel such as 0.5,0.5,0.5",
    "std": "one number, or one per channel such as 0.5,0.5,0.5",
    "a,b,c": "names such as relu,elu",
    "none|backbone|embedding|n": "none, backbone, embedding or a number of layers",
    "old=new": "two names such as fc=dense1",
  ]

  /// The parser's message in one line, with what to give: "The value 'x' is invalid for '--size <n>':
  /// give a whole number".
  static func complete(_ message: String) -> String {
    var lines = message.split(separator: "\n").map { $0.drop { $0 == " " } }
    let introduction = ". Please provide one of the following:"
    if let first = lines.first, first.hasSuffix(introduction) {
      lines.removeFirst()
      let choices = lines.map { $0.hasPrefix("- ") ? $0.dropFirst(2) : $0 }
      return first.dropLast(introduction.count) + ": give one of " + choices.joined(separator: ", ")
    }
    let sentence = lines.joined(separator: " ")
    guard sentence.hasSuffix(">'"), let start = sentence.lastIndex(of: "<"),
      let expected = descriptions[String(sentence[start...].dropFirst().dropLast(2))]
    else { return sentence }
    return "\(sentence): give \(expected)"
  }
}
