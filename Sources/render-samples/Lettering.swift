/// The word "vision" in strokes, so that the scene needs no font.
///
/// Letters stand on y = 0, small letters are 1 high.
struct Lettering {
  /// Half the width of a stroke.
  static let halfStroke = 0.13

  private var strokes = Strokes()
  /// The width of the whole word.
  private(set) var width = 0.0

  init() {
    let gap = 0.5
    for letter in "vision" {
      width += width > 0 ? gap : 0
      width += add(letter, at: width)
    }
  }

  /// How far a point is from the strokes; less than zero inside them.
  func distance(to point: SIMD2<Double>) -> Double {
    strokes.distance(to: point) - Self.halfStroke
  }

  /// Adds a letter with its left side at `x` and returns its width.
  private mutating func add(_ letter: Character, at x: Double) -> Double {
    func point(_ u: Double, _ v: Double) -> SIMD2<Double> { SIMD2(x + u, v) }
    switch letter {
    case "v":
      stroke([point(0, 1), point(0.45, 0), point(0.9, 1)])
      return 0.9
    case "i":
      stroke([point(0, 1), point(0, 0)])
      stroke([point(0, 1.45), point(0, 1.45)])
      return 0
    case "s":
      stroke(
        arc(point(0.3, 0.75), 0.26, from: 40, to: 270)
          + arc(point(0.3, 0.25), 0.26, from: 90, to: -140))
      return 0.6
    case "o":
      stroke(arc(point(0.5, 0.5), 0.5, from: 0, to: 360))
      return 1
    case "n":
      stroke([point(0, 0), point(0, 1)])
      stroke(arc(point(0.42, 0.58), 0.42, from: 180, to: 0) + [point(0.84, 0)])
      return 0.84
    default:
      return 0
    }
  }

  private mutating func stroke(_ points: [SIMD2<Double>]) { strokes.add(points) }

  /// Points on a circle, angles in degrees against the clock from the right.
  private func arc(
    _ center: SIMD2<Double>, _ radius: Double, from start: Double, to end: Double
  ) -> [SIMD2<Double>] {
    Strokes.arc(center, SIMD2(repeating: radius), from: start, to: end)
  }
}
