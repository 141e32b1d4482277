import Filters
import Foundation
import Images

/// Every filter in the plainest way: one pixel after the other, each window summed in full.
struct SlowReference {
  let operation: Filters.Operation
  let options: FilterOptions

  func apply(to image: Image) -> Image {
    let layout = image.layout
    if operation == .gray { return gray(image) }
    let (width, height) = window
    let pools = if case .pool = operation { true } else { false }
    let padding = pools ? .valid : options.padding ?? .same
    let strideX = options.stride ?? (pools ? width : 1)
    let strideY = options.stride ?? (pools ? height : 1)
    let (left, right) = padding == .same ? (width / 2, (width - 1) / 2) : (0, 0)
    let (top, bottom) = padding == .same ? (height / 2, (height - 1) / 2) : (0, 0)
    var output = layout
    output.width = (layout.width + left + right - width) / strideX + 1
    output.height = (layout.height + top + bottom - height) / strideY + 1
    let samples = image.samples
    var results = [Double](repeating: 0, count: output.samplesPerRow * output.height)
    for y in 0..<output.height {
      for x in 0..<output.width {
        for channel in 0..<layout.channels {
          let place = (y * output.width + x) * layout.channels + channel
          let isAlpha = layout.hasAlpha && channel == layout.channels - 1
          if layout.hasAlpha && options.alpha != .straight {
            let window = (0..<height).flatMap { row in
              (0..<width).map { column in
                pixel(samples, layout, y * strideY - top + row, x * strideX - left + column)
              }
            }
            let center = samples[
              ((y * strideY - top + height / 2) * layout.width + x * strideX - left + width / 2)
                * layout.channels..<(layout.width * layout.height * layout.channels)]
            results[place] = weighed(
              window, Array(center.prefix(layout.channels)), channel, layout.sample)
            continue
          }
          if isAlpha && !pools {
            let center = (y * strideY - top + height / 2, x * strideX - left + width / 2)
            results[place] =
              samples[(center.0 * layout.width + center.1) * layout.channels + channel]
            continue
          }
          let pixels = (0..<height).map { row in
            (0..<width).map { column in
              sample(
                samples, layout, y * strideY - top + row, x * strideX - left + column, channel)
            }
          }
          results[place] =
            isAlpha
            ? mean(pixels, layout.sample)
            : scaled(result(pixels, layout.sample), layout.sample)
        }
      }
    }
    return finished(results, output)
  }

  /// A pixel that may lie outside the image; what a constant border puts there is opaque.
  private func pixel(_ samples: [Double], _ layout: PixelLayout, _ y: Int, _ x: Int) -> [Double] {
    let isOutside = inside(y, layout.height) == nil || inside(x, layout.width) == nil
    return (0..<layout.channels).map { channel in
      isOutside && channel == layout.channels - 1
        ? white(layout.sample) : sample(samples, layout, y, x, channel)
    }
  }

  private func white(_ sample: SampleType) -> Double {
    switch sample {
    case .uint8: 255
    case .uint16: 65_535
    case .float32: 1
    }
  }

  /// A result with colors weighed by alpha: of a mean, sum over weights times alpha by the mean alpha;
  /// of a difference, what is invisible taken to be as the center.
  private func weighed(
    _ window: [[Double]], _ center: [Double], _ channel: Int, _ sample: SampleType
  ) -> Double {
    let last = center.count - 1
    let white = white(sample)
    // In units of samples: sums of whole numbers are exact, and what is 0 is exactly 0.
    let alphas = window.map { $0[last] }
    let area = Double(window.count)
    func mean(_ weights: [Double]) -> Double {
      let sum = weights.reduce(0, +)
      let coverage = zip(weights, alphas).reduce(0) { $0 + $1.0 * $1.1 } / sum / white
      if channel == last {
        let alpha = min(max(coverage, 0), 1) * white
        return sample == .float32 ? coverage < 0 ? 0 : coverage > 1 ? 1 : coverage : alpha
      }
      let colors = window.indices.reduce(0) { $0 + weights[$1] * alphas[$1] * window[$1][channel] }
      return coverage > 0 ? colors / white / coverage : 0
    }
    func difference(_ weights: [Double]) -> Double {
      window.indices.reduce(0) {
        $0 + weights[$1]
          * (alphas[$1] * window[$1][channel] + (white - alphas[$1]) * center[channel])
      } / white
    }
    switch operation {
    case .kernel(let kernel):
      let sum = kernel.weights.reduce(0, +)
      if sum.magnitude > 1e-9 * kernel.weights.reduce(0, { $0 + $1.magnitude }) {
        let value = mean(kernel.weights)
        return channel == last ? value : scaled(value * kernel.scale + kernel.bias, sample)
      }
      if channel == last { return center[last] }
      return scaled(
        (center[last] > 0 ? difference(kernel.weights) : 0) * kernel.scale + kernel.bias, sample)
    case .gradient(let smooth, let derive):
      if channel == last { return center[last] }
      guard center[last] > 0 else { return scaled(0, sample) }
      let x = smooth.flatMap { s in derive.map { Double(s * $0) } }
      let y = derive.flatMap { d in smooth.map { Double(d * $0) } }
      return scaled(shown(difference(x), difference(y)), sample)
    case .box, .pool(.average, _, _):
      let value = mean(Array(repeating: 1, count: window.count))
      if channel == last { return value }
      return scaled(value / area + (sample == .float32 ? 0 : 0.25 / area), sample)
    case .pool(.sum, _, _):
      let value = mean(Array(repeating: 1, count: window.count))
      return channel == last ? value : scaled(value, sample)
    case .pool(.max, _, _):
      if channel == last { return mean(Array(repeating: 1, count: window.count)) }
      return scaled(window.map { $0[last] > 0 ? $0[channel] : 0 }.max() ?? 0, sample)
    case .gaussian(let sigma):
      let weights = gaussian(sigma)
      let value = mean(weights.flatMap { a in weights.map { a * $0 } })
      return channel == last ? value : scaled(value, sample)
    case .gray, .own: return 0
    }
  }

  private var window: (width: Int, height: Int) {
    switch operation {
    case .kernel(let kernel): (kernel.width, kernel.height)
    case .gradient(let smooth, _): (smooth.count, smooth.count)
    case .box(let size): (size, size)
    case .gaussian(let sigma): (gaussian(sigma).count, gaussian(sigma).count)
    case .pool(_, let width, let height): (width, height)
    case .gray, .own: (1, 1)
    }
  }

  private func gaussian(_ sigma: Double) -> [Double] {
    let radius = (Int((6 * sigma + 1).rounded(.toNearestOrEven)) | 1) / 2
    let weights = (-radius...radius).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }

  /// The sample at a place that may lie outside the image: walked to from pixel to pixel.
  private func sample(
    _ samples: [Double], _ layout: PixelLayout, _ y: Int, _ x: Int, _ channel: Int
  ) -> Double {
    guard let row = inside(y, layout.height), let column = inside(x, layout.width) else {
      guard case .constant(let value) = options.border ?? .reflect101 else { return .nan }
      switch layout.sample {
      case .uint8: return min(max(value.rounded(.toNearestOrEven), 0), 255)
      case .uint16: return min(max(value.rounded(.toNearestOrEven), 0), 65535)
      case .float32: return Double(Float(value))
      }
    }
    return samples[(row * layout.width + column) * layout.channels + channel]
  }

  private func inside(_ index: Int, _ count: Int) -> Int? {
    var index = index
    while index < 0 || index >= count {
      switch options.border ?? .reflect101 {
      case .constant: return nil
      case .replicate: index = index < 0 ? 0 : count - 1
      case .wrap: index += index < 0 ? count : -count
      case .reflect: index = index < 0 ? -1 - index : 2 * count - 1 - index
      case .reflect101:
        if count == 1 { return 0 }
        index = index < 0 ? -index : 2 * (count - 1) - index
      }
    }
    return index
  }

  private func result(_ pixels: [[Double]], _ sample: SampleType) -> Double {
    switch operation {
    case .kernel(let kernel):
      var sum = 0.0
      for row in 0..<kernel.height {
        for column in 0..<kernel.width { sum += kernel[row, column] * pixels[row][column] }
      }
      return sum * kernel.scale + kernel.bias
    case .gradient(let smooth, let derive):
      var (x, y) = (0.0, 0.0)
      for i in smooth.indices {
        for j in smooth.indices {
          x += Double(smooth[i] * derive[j]) * pixels[i][j]
          y += Double(derive[i] * smooth[j]) * pixels[i][j]
        }
      }
      return shown(x, y)
    case .box, .pool(.average, _, _): return mean(pixels, sample)
    case .pool(.max, _, _): return pixels.joined().max() ?? 0
    case .pool(.sum, _, _): return pixels.joined().reduce(0, +)
    case .gaussian(let sigma):
      let weights = gaussian(sigma)
      var sum = 0.0
      for i in weights.indices {
        for j in weights.indices { sum += weights[i] * weights[j] * pixels[i][j] }
      }
      return sum
    case .gray, .own: return 0
    }
  }

  private func shown(_ x: Double, _ y: Double) -> Double {
    switch options.direction ?? .magnitude {
    case .x: return x
    case .y: return y
    case .magnitude: return (x * x + y * y).squareRoot()
    case .angle:
      if x == 0 && y == 0 { return 0 }
      let turn = atan2(-y, -x) / (2 * .pi)
      return turn < 0 ? turn + 1 : turn
    }
  }

  /// Half up for integers, when nothing is done to the mean afterwards.
  private func mean(_ pixels: [[Double]], _ sample: SampleType) -> Double {
    let sum = pixels.joined().reduce(0, +)
    let area = Double(pixels.count * pixels[0].count)
    return sample == .float32 ? sum / area : ((2 * sum + area) / (2 * area)).rounded(.down)
  }

  private func scaled(_ result: Double, _ sample: SampleType) -> Double {
    if options.direction == .angle {
      switch sample {
      case .uint8: return (result * 256).rounded(.toNearestOrEven).wrapped(at: 256)
      case .uint16: return (result * 65536).rounded(.toNearestOrEven).wrapped(at: 65536)
      case .float32: return result
      }
    }
    var value = result * options.scale + options.bias
    if options.relu { value = max(0, value) }
    if options.range == .absolute { value = abs(value) }
    return value
  }

  private func finished(_ results: [Double], _ layout: PixelLayout) -> Image {
    var results = results
    let maximum: Double? =
      switch layout.sample {
      case .uint8: 255
      case .uint16: 65535
      case .float32: nil
      }
    let isColor = { (index: Int) in
      !layout.hasAlpha || index % layout.channels != layout.channels - 1
    }
    if options.range == .normalized && options.direction != .angle {
      // What is invisible has no say.
      let isVisible = { (index: Int) in
        !layout.hasAlpha || results[(index / layout.channels + 1) * layout.channels - 1] > 0
      }
      let colors = results.indices.filter { isColor($0) && isVisible($0) }.map { results[$0] }
      let (low, high) = (colors.min() ?? 0, colors.max() ?? 0)
      for index in results.indices where isColor(index) {
        results[index] =
          high > low ? (results[index] - low) * ((maximum ?? 1) / (high - low)) : 0
      }
    }
    if let maximum {
      results = results.map { min(max($0.rounded(.toNearestOrEven), 0), maximum) }
    }
    return Image(layout, results)
  }

  private func gray(_ image: Image) -> Image {
    let layout = image.layout
    if layout.colorChannels == 1 { return image }
    let samples = image.samples
    var output = layout
    output.channels = layout.hasAlpha ? 2 : 1
    var results: [Double] = []
    for pixel in 0..<layout.width * layout.height {
      let at = pixel * layout.channels
      let (red, green, blue) = (samples[at], samples[at + 1], samples[at + 2])
      results.append(
        layout.sample == .float32
          ? 0.299 * red + 0.587 * green + 0.114 * blue
          : layout.sample == .uint16
            ? ((299 * red + 587 * green + 114 * blue + 500) / 1000).rounded(.down)
            : ((9798 * red + 19235 * green + 3735 * blue + 16384) / 32768).rounded(.down))
      if layout.hasAlpha { results.append(samples[at + 3]) }
    }
    return Image(output, results)
  }
}

extension Double {
  fileprivate func wrapped(at whole: Double) -> Double { self >= whole ? self - whole : self }
}
