import Glibc

/// Lines on a plane.
struct Strokes {
  private var segments: [(start: SIMD2<Double>, end: SIMD2<Double>)] = []

  /// Adds a line through points.
  mutating func add(_ points: [SIMD2<Double>]) {
    segments += zip(points, points.dropFirst()).map { ($0, $1) }
  }

  /// How far a point is from the nearest line.
  func distance(to point: SIMD2<Double>) -> Double {
    var nearest = Double.infinity
    for (start, end) in segments {
      let (along, toPoint) = (end - start, point - start)
      let lengthSquared = (along * along).sum()
      let t = lengthSquared > 0 ? min(max((along * toPoint).sum() / lengthSquared, 0), 1) : 0
      let offset = toPoint - t * along
      nearest = min(nearest, (offset * offset).sum())
    }
    return nearest.squareRoot()
  }

  /// Points on an ellipse, angles in degrees against the clock from the right.
  static func arc(
    _ center: SIMD2<Double>, _ radii: SIMD2<Double>, from start: Double, to end: Double
  ) -> [SIMD2<Double>] {
    (0...24).map { step in
      let angle = (start + (end - start) * Double(step) / 24) * .pi / 180
      return center + radii * SIMD2(cos(angle), sin(angle))
    }
  }
}
