import Glibc
import Tensors

/// Points of the space that a generator makes images of.
public enum Latents {
  /// The latent of a seed: independent standard normal numbers, the same for a seed whatever else is
  /// drawn.
  ///
  /// - Parameter truncation: numbers beyond ± this are drawn again (Brock et al. 2018, arXiv
  ///   1809.11096, §3.1): more typical images, less variety. At least 0.1; nil draws once.
  public static func latent(
    seed: UInt64, count: Int, truncation: Float? = nil
  ) -> [Float] {
    var random = RandomSource(seed: seed).split("latent")
    return (0..<count).map { _ in
      var value = random.normal()
      if let limit = truncation.map({ max($0, 0.1) }) {
        while abs(value) > limit { value = random.normal() }
      }
      return value
    }
  }

  /// The point a share of the way from one latent to another along the arc between them.
  ///
  ///     sin((1 − t)·Ω)/sin Ω · a + sin(t·Ω)/sin Ω · b, Ω the angle between a and b
  ///
  /// K. Shoemake: *Animating Rotation with Quaternion Curves*. 1985; for latents T. White: *Sampling
  /// Generative Networks*. 2016, arXiv 1609.04468. A straight line passes too near to the origin,
  /// where the generator was never trained.
  ///
  /// - Parameters:
  ///   - share: t, 0…1.
  ///   - b: of as many numbers as a.
  public static func interpolated(_ a: [Float], _ b: [Float], share: Float) -> [Float] {
    func dot(_ x: [Float], _ y: [Float]) -> Double {
      zip(x, y).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let lengths = (dot(a, a) * dot(b, b)).squareRoot()
    let angle = lengths > 0 ? acos(max(-1, min(1, dot(a, b) / lengths))) : 0
    let t = Double(share)
    let (forA, forB) =
      angle.isLess(than: 1e-4) || Double.pi - angle < 1e-4
      ? (1 - t, t) : (sin((1 - t) * angle) / sin(angle), sin(t * angle) / sin(angle))
    return zip(a, b).map { Float(forA * Double($0) + forB * Double($1)) }
  }
}

extension Latents {
  /// The mean of some latents of one size.
  public static func mean(_ latents: [[Float]]) -> [Float] {
    guard let first = latents.first else { return [] }
    return first.indices.map { index in
      latents.reduce(0) { $0 + $1[index] } / Float(latents.count)
    }
  }

  /// a − b + c (Radford et al. 2015, §6.3.2).
  public static func sum(_ a: [Float], minus b: [Float], plus c: [Float]) -> [Float] {
    a.indices.map { a[$0] - b[$0] + c[$0] }
  }
}
