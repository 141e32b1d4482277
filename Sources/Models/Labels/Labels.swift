/// Lists of class names that everyone knows, for networks from elsewhere that hold none.
public enum Labels {
  /// The list of that many classes, or nil: networks of 1,000 outputs are ImageNet's.
  public static func known(count: Int) -> [String]? {
    [imageNet, coco].first { $0.count == count }
  }

  /// The names between semicolons, lines joined.
  static func names(_ text: String) -> [String] {
    text.split { $0 == ";" || $0 == "\n" }.map { part in
      String(part.drop { $0 == " " })
    }.filter { !$0.isEmpty }
  }
}
