/// Images that a training of a generator does not see, to measure its quality by: every tenth, where
/// there are enough.
public enum HoldOut {
  /// One image of so many is held out.
  public static let interval = 10
  /// Of fewer images all are learned from.
  public static let fewestImages = 200

  /// The interval of a training that measures quality; nil where nothing is held out.
  public static func interval(of count: Int, measures: Bool) -> Int? {
    measures && count >= fewestImages ? interval : nil
  }

  /// The key of a model file's metadata that says it: the interval, or 0 for nothing.
  static let key = "held_out"

  static func text(_ interval: Int?) -> String { "\(interval ?? 0)" }

  /// What a model file says of its training; nil where it says nothing.
  public static func heldOutAnything(_ metadata: [String: String]) -> Bool? {
    metadata[key].map { $0 != "0" }
  }
}
