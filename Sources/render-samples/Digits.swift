import Glibc

/// A digit in strokes, slightly turned and slanted as by a hand, white on black: what a classifier of
/// handwritten digits is tried on.
///
/// The digit is some 20 units high in a square of 28, as those of MNIST are.
struct Digit {
  private var strokes = Strokes()
  private let halfStroke: Double

  /// - Parameters:
  ///   - value: 0 to 9.
  ///   - hand: which of several hands writes it: another turn, slant and pen.
  init(_ value: Int, hand: Int) {
    let turn = (hash(value, hand, 1) - 0.5) * 0.24
    let slant = 0.1 + (hash(value, hand, 2) - 0.5) * 0.24
    let width = 0.95 + (hash(value, hand, 3) - 0.5) * 0.2
    halfStroke = 1.15 + 0.3 * hash(value, hand, 4)
    for stroke in Self.strokes(of: value) {
      strokes.add(
        stroke.map { point in
          let x = width * point.x + slant * point.y
          return 9 * SIMD2(cos(turn) * x - sin(turn) * point.y, sin(turn) * x + cos(turn) * point.y)
        })
    }
  }

  /// The digit on a square of so many pixels.
  func picture(side: Int) -> Picture {
    let scale = 28 / Double(side)
    let pixels = (0..<side).flatMap { row in
      (0..<side).map { column in
        // From the middle, y upwards.
        let point = SIMD2(Double(column) + 0.5, Double(side - row) - 0.5) * scale - 14
        let softness = 0.5 * max(scale, 0.7)
        let ink = smoothstep(softness, -softness, strokes.distance(to: point) - halfStroke)
        return SIMD4(Vector(repeating: ink), 1)
      }
    }
    return Picture(pixels, width: side)
  }

  /// The strokes of a digit between y = -1 and 1, about the middle.
  private static func strokes(of value: Int) -> [[SIMD2<Double>]] {
    func point(_ x: Double, _ y: Double) -> SIMD2<Double> { SIMD2(x, y) }
    func ellipse(
      _ center: SIMD2<Double>, _ x: Double, _ y: Double, from start: Double, to end: Double
    ) -> [SIMD2<Double>] { Strokes.arc(center, point(x, y), from: start, to: end) }
    switch value {
    case 0: return [ellipse(point(0, 0), 0.62, 0.98, from: 90, to: 450)]
    case 1: return [[point(-0.25, 0.6), point(0.05, 1), point(0.05, -1)]]
    case 2:
      return [
        ellipse(point(0, 0.48), 0.6, 0.5, from: 165, to: -35)
          + [point(-0.62, -0.95), point(0.68, -0.95)]
      ]
    case 3:
      return [
        ellipse(point(-0.02, 0.5), 0.55, 0.46, from: 150, to: -80)
          + ellipse(point(-0.02, -0.48), 0.62, 0.5, from: 85, to: -150)
      ]
    case 4:
      return [
        [point(-0.3, 0.98), point(-0.62, -0.1), point(0.66, -0.1)],
        [point(0.34, 0.7), point(0.3, -1)],
      ]
    case 5:
      return [
        [point(0.6, 0.95), point(-0.42, 0.95), point(-0.5, 0.12)]
          + ellipse(point(-0.02, -0.38), 0.62, 0.58, from: 130, to: -145)
      ]
    case 6:
      return [
        ellipse(point(0.5, -0.3), 1.08, 1.3, from: 100, to: 180)
          + ellipse(point(0, -0.45), 0.58, 0.52, from: 180, to: 540)
      ]
    case 7: return [[point(-0.6, 0.92), point(0.6, 0.92), point(-0.1, -1)]]
    case 8:
      return [
        ellipse(point(0, 0.5), 0.46, 0.46, from: -90, to: 270),
        ellipse(point(0, -0.48), 0.58, 0.52, from: 90, to: 450),
      ]
    default:
      return [
        ellipse(point(-0.04, 0.45), 0.54, 0.5, from: 0, to: 360)
          + [point(0.5, 0.45), point(0.42, -0.2), point(0.22, -1)]
      ]
    }
  }
}
