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
