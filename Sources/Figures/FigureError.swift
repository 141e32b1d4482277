/// Why a figure could not be drawn: one line, without the name of the file it was meant for.
public enum FigureError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The figure would be larger than an image may be.
  case tooLarge(width: Int, height: Int)
  /// There is nothing to draw, or what there is does not fit together.
  case unusable(String)
  /// Cairo refused: its own words.
  case drawing(String)
  /// Nobody waits for it any more.
  case cancelled

  public var description: String {
    switch self {
    case .tooLarge(let width, let height):
      "a figure of \(width)×\(height) pixels is too large; show fewer or smaller parts"
    case .unusable(let what): what
    case .cancelled: "given up"
    case .drawing(let reason): "the figure could not be drawn: \(reason)"
    }
  }
}
