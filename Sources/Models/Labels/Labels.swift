/// Lists of class names that everyone knows, for networks from elsewhere that hold none.
public enum Labels {
  /// The list of that many classes, or nil: networks of 1,000 outputs are ImageNet's.
  public static func known(count: Int) -> [String]? {
    [imageNet, coco].first { $0.count == count }
  }

  /// What the classes of a network are called that does not say so: the known list of that many where images are
  /// normalized as ImageNet's, else by number, `class_0`.
  public static func assumed(count: Int, isNormalizedAsImageNet: Bool) -> [String] {
    (isNormalizedAsImageNet ? known(count: count) : nil) ?? (0..<count).map { "class_\($0)" }
  }

  /// The names between semicolons, lines joined.
  static func names(_ text: String) -> [String] {
    text.split { $0 == ";" || $0 == "\n" }.map { part in
      String(part.drop { $0 == " " })
    }.filter { !$0.isEmpty }
  }
}
