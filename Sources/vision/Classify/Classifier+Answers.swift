import Inference

extension Classifier {
  /// Whether labels hold or not, each on its own.
  var severalMayHold: Bool { classes.activation == .sigmoid }

  /// Labels that an image gets unless told otherwise: the likeliest, or the likeliest three where an answer may
  /// be a group of them; all where several may hold.
  var usualLabelCount: Int {
    severalMayHold ? classNames.count : groups == nil ? 1 : min(3, classNames.count)
  }

  /// The probability below which nothing is answered, unless told otherwise.
  var usualThreshold: Double { card.threshold ?? (severalMayHold ? 0.5 : 0) }
}
