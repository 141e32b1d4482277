import Glibc

/// How the pixels of a resized image are weighed together from those of the original.
///
/// When an image gets smaller, the kernel is stretched by the same ratio, so that every pixel counts and
/// nothing aliases (as in Pillow and `torchvision` with `antialias`).
public enum Resampling: String, Sendable, Hashable, CaseIterable {
  /// The mean of the area that a pixel covers.
  case area
  /// Triangle: linear between neighbours.
  case linear
  /// Catmull-Rom (Keys 1981, a = −0.5): sharp, with little ringing.
  case cubic
  /// Windowed sinc over three lobes (Duchon 1979): the sharpest, rings a little at hard edges.
  case lanczos

  /// Half the width of the kernel, in pixels of the smaller image.
  var support: Double {
    switch self {
    case .area: 0.5
    case .linear: 1
    case .cubic: 2
    case .lanczos: 3
    }
  }

  /// The kernel's value at a distance from its middle.
  func weight(_ distance: Double) -> Double {
    let x = abs(distance)
    switch self {
    case .area:
      // Half open, so that a pixel on the edge between two counts once.
      return distance > -0.5 && distance <= 0.5 ? 1 : 0
    case .linear:
      return max(0, 1 - x)
    case .cubic:
      let a = -0.5
      if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
      if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
      return 0
    case .lanczos:
      func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(.pi * x) / (.pi * x) }
      return x < 3 ? sinc(x) * sinc(x / 3) : 0
    }
  }
}

/// Which pixels of a line make up each pixel of the resized line, and with which weights.
struct ResamplingWeights {
  /// The first pixel for each output pixel.
  private(set) var first: [Int32] = []
  /// How many there are for each.
  private(set) var count: [Int32] = []
  /// The weights, `pitch` for each output pixel; they add up to 1, and those beyond `count` are 0.
  private(set) var weights: [Float] = []
  /// The most pixels that any output pixel has.
  let pitch: Int

  init(from input: Int, to output: Int, _ resampling: Resampling) {
    let ratio = Double(input) / Double(output)
    let stretch = max(ratio, 1)
    let support = resampling.support * stretch
    pitch = Int(support.rounded(.up)) * 2 + 1
    for pixel in 0..<output {
      // Pixel centres lie at half numbers.
      let center = (Double(pixel) + 0.5) * ratio
      let from = max(0, Int((center - support + 0.5).rounded(.down)))
      let to = min(input, Int((center + support + 0.5).rounded(.down)))
      var values = (from..<max(to, from)).map {
        resampling.weight((Double($0) + 0.5 - center) / stretch)
      }
      let sum = values.reduce(0, +)
      values = values.map { $0 / sum }
      first.append(Int32(from))
      count.append(Int32(values.count))
      weights += values.map { Float($0) }
      weights += [Float](repeating: 0, count: pitch - values.count)
    }
  }
}
