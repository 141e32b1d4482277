import Glibc
import LoopInterface

/// How the pixels of a resized image are weighed together from those of the original.
///
/// Pixel centers lie at half numbers. When an image gets smaller, the kernel is stretched by the same
/// ratio, so that every pixel counts and nothing aliases (as in Pillow and `torchvision` with
/// `antialias`); the weights of the pixels inside the image add up to 1.
public enum Resampling: String, Sendable, Hashable, CaseIterable {
  /// The mean of the area that a pixel covers, of the pixels at its edge only their part.
  case area
  /// Triangle: linear between neighbors.
  case linear
  /// Catmull-Rom (Keys 1981, a = −0.5): sharp, with little ringing.
  case cubic
  /// Windowed sinc over three lobes (Duchon 1979): the sharpest, rings a little at hard edges.
  case lanczos
  /// The pixel under the center: no new values.
  case nearest

  /// Half the width of the kernel, in pixels of the smaller image.
  private var support: Double {
    switch self {
    case .area: 0.5
    case .linear: 1
    case .cubic: 2
    case .lanczos: 3
    case .nearest: 0
    }
  }

  /// The kernel's value at a distance from its middle.
  private func weight(_ distance: Double) -> Double {
    let x = abs(distance)
    switch self {
    case .area, .nearest: return 1
    case .linear: return max(0, 1 - x)
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

  /// The most pixels of a line that count for a place.
  ///
  /// - Parameter ratio: pixels of the line for one of the result.
  fileprivate func mostPixels(ratio: Double) -> Int {
    switch self {
    case .nearest: 1
    case .area: Int(ratio.rounded(.up)) + 1
    case .linear, .cubic, .lanczos: Int((2 * support * max(ratio, 1)).rounded(.up)) + 1
    }
  }

  /// Fills in the weights of the pixels of a line that count for a place; they add up to 1.
  ///
  /// - Parameters:
  ///   - center: the place, in pixels of the line.
  ///   - ratio: pixels of the line for one of the result.
  ///   - count: the pixels of the line.
  ///   - weights: has room for ``mostPixels(ratio:)``.
  /// - Returns: the pixels that count.
  fileprivate func fill(
    _ weights: inout [Double], around center: Double, ratio: Double, count: Int
  ) -> Range<Int> {
    func one(_ pixel: Int) -> Range<Int> {
      weights[0] = 1
      return pixel..<pixel + 1
    }
    if self == .nearest { return one(min(max(Int(center.rounded(.down)), 0), count - 1)) }
    let first: Int
    let end: Int
    var sum = 0.0
    if self == .area {
      let (left, right) = (max(0, center - ratio / 2), min(Double(count), center + ratio / 2))
      first = min(Int(left.rounded(.down)), count - 1)
      end = min(count, max(Int(right.rounded(.up)), first + 1))
      for pixel in first..<end {
        let weight = max(0, min(right, Double(pixel + 1)) - max(left, Double(pixel)))
        weights[pixel - first] = weight
        sum += weight
      }
    } else {
      let stretch = max(ratio, 1)
      let reach = support * stretch
      first = min(max(0, Int((center - reach + 0.5).rounded(.down))), count - 1)
      end = min(count, max(Int((center + reach + 0.5).rounded(.down)), first + 1))
      for pixel in first..<end {
        let weight = self.weight((Double(pixel) + 0.5 - center) / stretch)
        weights[pixel - first] = weight
        sum += weight
      }
    }
    // Beyond the end of a line, where a reduced image holds less than its last pixel says.
    if sum.magnitude < 1e-9 { return one(min(max(Int(center), 0), count - 1)) }
    for index in 0..<end - first { weights[index] /= sum }
    return first..<end
  }
}

/// Which pixels of a line make up each pixel of the resized line, and with which weights.
package struct ResamplingWeights: Sendable {
  /// The first pixel for each output pixel.
  package private(set) var first: [Int32] = []
  /// How many there are for each.
  package private(set) var count: [Int32] = []
  /// The weights, `pitch` for each output pixel; they add up to 1, and those beyond `count` are 0.
  private(set) var weights: [Float] = []
  /// The most pixels that any output pixel has, rounded up to what the loops read at once.
  let pitch: Int

  /// - Parameters:
  ///   - input: the pixels of the line.
  ///   - extent: what the line stands for, in its pixels, where its last one is cut; nil: all of it.
  ///   - output: the pixels of the resized line.
  ///   - range: those of them that are wanted; nil: all.
  package init(
    from input: Int, extent: Double? = nil, to output: Int, range: Range<Int>? = nil,
    _ resampling: Resampling
  ) {
    let ratio = (extent ?? Double(input)) / Double(output)
    let range = range ?? 0..<output
    var line = [Double](repeating: 0, count: resampling.mostPixels(ratio: ratio))
    var (places, all): ([Range<Int>], [Float]) = ([], [])
    places.reserveCapacity(range.count)
    all.reserveCapacity(range.count * line.count)
    for output in range {
      let center = (Double(output) + 0.5) * ratio
      let place = resampling.fill(&line, around: center, ratio: ratio, count: input)
      places.append(place)
      for index in 0..<place.count { all.append(Float(line[index])) }
    }
    let longest = places.reduce(1) { max($0, $1.count) }
    let block = ResampleLoops.acrossBlock
    pitch = (longest + block - 1) / block * block
    first = places.map { Int32($0.lowerBound) }
    count = places.map { Int32($0.count) }
    weights = Array(repeating: 0, count: places.count * pitch)
    var next = 0
    for (output, place) in places.enumerated() {
      for index in 0..<place.count { weights[output * pitch + index] = all[next + index] }
      next += place.count
    }
  }

  /// The pixels of the line that these of the result are made from: both ends move onwards with them.
  package func sources(of outputs: Range<Int>) -> Range<Int> {
    let last = outputs.upperBound - 1
    return Int(first[outputs.lowerBound])..<Int(first[last] + count[last])
  }

  /// Whether each pixel is the mean of two, side by side.
  var halves: Bool {
    pitch == ResampleLoops.acrossBlock
      && first.indices.allSatisfy {
        first[$0] == Int32(2 * $0) && count[$0] == 2 && weights[$0 * pitch] == 0.5
          && weights[$0 * pitch + 1] == 0.5
      }
  }
}
