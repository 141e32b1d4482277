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

extension Image {
  /// The image in another size.
  ///
  /// Samples are weighed as they are stored, without undoing their gamma; what is transparent adds no
  /// colour. Results are rounded to the nearest and clamped (8 and 16 bit). The resolution is left out,
  /// since it no longer holds.
  ///
  /// - Throws: ``ImageError/invalidRequest(_:)`` when a side is not positive or the result too large.
  public func resized(
    width: Int, height: Int, _ resampling: Resampling = .lanczos
  ) throws(ImageError) -> Image {
    guard width > 0, height > 0, layout.width > 0, layout.height > 0 else {
      throw .invalidRequest("cannot resize to \(width) × \(height) pixels")
    }
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    let most = Limits.standard.maximumPixels
    guard !overflow, pixels <= most else {
      throw .invalidRequest(
        "cannot resize to \(width) × \(height) pixels, which are more than \(most)")
    }
    var resized = layout
    resized.width = width
    resized.height = height
    var result = Image(layout: resized, metadata: metadata)
    result.metadata.resolution = nil
    let resizer = Resizer(from: layout, to: resized, resampling)
    result.withUnsafeMutableBytes { output in
      withUnsafeBytes { input in
        guard let output = output.baseAddress, let input = input.baseAddress else { return }
        resizer.resize(input, into: output)
      }
    }
    return result
  }
}

/// Weighs rows into one row of floats, then that row's pixels into the output's: the first pass runs along
/// whole rows, the second only over as many rows as come out.
private struct Resizer {
  private let input: PixelLayout
  private let output: PixelLayout
  private let across: ResamplingWeights
  private let down: ResamplingWeights

  init(from input: PixelLayout, to output: PixelLayout, _ resampling: Resampling) {
    self.input = input
    self.output = output
    across = ResamplingWeights(from: input.width, to: output.width, resampling)
    down = ResamplingWeights(from: input.height, to: output.height, resampling)
  }

  func resize(_ source: UnsafeRawPointer, into target: UnsafeMutableRawPointer) {
    switch input.sample {
    case .uint8:
      resize(source, target) { (value: Float) -> UInt8 in
        UInt8(truncatingIfNeeded: roundedBits(min(max(value, 0), 255)))
      }
    case .uint16:
      resize(source, target) { (value: Float) -> UInt16 in
        UInt16(truncatingIfNeeded: roundedBits(min(max(value, 0), 65535)))
      }
    case .float32:
      resize(source, target) { (value: Float) -> Float in value }
    }
  }

  /// Plain pointers, since these loops run over every pixel several times: the weights name only rows
  /// and pixels inside the image, and the line has four floats more than are used, so that a pixel may
  /// be loaded as four.
  @inline(__always)
  private func resize<Sample: ResizableSample>(
    _ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, _ store: (Float) -> Sample
  ) {
    let full = Sample.full
    let samples = source.assumingMemoryBound(to: Sample.self)
    let results = target.assumingMemoryBound(to: Sample.self)
    let count = input.samplesPerRow
    let channels = input.channels
    withUnsafeTemporaryAllocation(of: Float.self, capacity: count + 4) { buffer in
      guard let line = buffer.baseAddress else { return }
      for y in 0..<output.height {
        line.initialize(repeating: 0, count: count + 4)
        let taps = Int(down.count[y])
        var row = samples + Int(down.first[y]) * count
        var tap = y * down.pitch
        let end = tap + taps
        if input.hasAlpha {
          while tap < end {
            addPremultiplied(row, down.weights[tap] / full, to: line)
            row += count
            tap += 1
          }
        }
        // Four rows at a time, so that the sums are not read and written for each.
        while tap + 4 <= end {
          let (a, b) = (down.weights[tap], down.weights[tap + 1])
          let (c, d) = (down.weights[tap + 2], down.weights[tap + 3])
          let (second, third, fourth) = (row + count, row + 2 * count, row + 3 * count)
          for i in 0..<count {
            let upper = a * row[i].asFloat + b * second[i].asFloat
            let lower = c * third[i].asFloat + d * fourth[i].asFloat
            line[i] = line[i] + (upper + lower)
          }
          row += 4 * count
          tap += 4
        }
        while tap < end {
          let weight = down.weights[tap]
          for i in 0..<count { line[i] = line[i] + weight * row[i].asFloat }
          row += count
          tap += 1
        }
        across.weights.withUnsafeBufferPointer { weights in
          guard var weight = weights.baseAddress else { return }
          var result = results + y * output.samplesPerRow
          for x in 0..<output.width {
            var sum = SIMD4<Float>(repeating: 0)
            var pixel = UnsafeRawPointer(line + Int(across.first[x]) * channels)
            for tap in 0..<Int(across.count[x]) {
              sum += pixel.loadUnaligned(as: SIMD4<Float>.self) * weight[tap]
              pixel += 4 &* channels
            }
            if input.hasAlpha {
              let alpha = sum[channels - 1]
              let scale = alpha > 0 ? full / alpha : 0
              for c in 0..<channels - 1 { sum[c] *= scale }
            }
            for c in 0..<channels { result[c] = store(sum[c]) }
            result += channels
            weight += across.pitch
          }
        }
      }
    }
  }

  /// Adds a row, its colours multiplied by alpha.
  @inline(__always)
  private func addPremultiplied<Sample: ResizableSample>(
    _ row: UnsafePointer<Sample>, _ weight: Float, to line: UnsafeMutablePointer<Float>
  ) {
    let channels = input.channels
    let full = Sample.full
    for x in 0..<input.width {
      let pixel = row + channels &* x
      let sum = line + channels &* x
      let alpha = weight * pixel[channels - 1].asFloat
      for c in 0..<channels - 1 { sum[c] = sum[c] + alpha * pixel[c].asFloat }
      sum[channels - 1] = sum[channels - 1] + alpha * full
    }
  }
}

/// Rounds 0 ≤ value < 2²² half to even by adding 1.5 × 2²³, which leaves the integer in the low bits.
@inline(__always)
private func roundedBits(_ value: Float) -> UInt32 { (value + 12_582_912).bitPattern & 0x3F_FFFF }

private protocol ResizableSample {
  var asFloat: Float { get }
  static var full: Float { get }
}

extension UInt8: ResizableSample {
  fileprivate var asFloat: Float { Float(self) }
  fileprivate static var full: Float { 255 }
}

extension UInt16: ResizableSample {
  fileprivate var asFloat: Float { Float(self) }
  fileprivate static var full: Float { 65535 }
}

extension Float: ResizableSample {
  fileprivate var asFloat: Float { self }
  fileprivate static var full: Float { 1 }
}
