import Foundation
import Images
import Testing

@Suite struct PixelTests {
  // MARK: Conversion

  @Test func narrowingRoundsToNearest() {
    for value in 0...65535 {
      let exact = (Double(value) / 257).rounded()
      if Double(narrow(UInt16(value))) != exact { Issue.record("\(value)") }
    }
    #expect(narrow(Float.nan) == 0 && narrow(Float(-1)) == 0 && narrow(Float(2)) == 255)
    #expect(narrow(Float(0.5)) == 128 && narrow(Float(1)) == 255 && narrow(Float(0.001)) == 0)
  }

  /// OpenCV 5.0: cvtColor(RGB2GRAY).
  @Test func luma() {
    for (color, expected): ([UInt8], UInt8) in [
      ([255, 0, 0], 76), ([0, 255, 0], 150), ([0, 0, 255], 29), ([255, 255, 255], 255),
      ([12, 200, 77], 130), ([1, 2, 3], 2),
    ] {
      let image = Image(layout: PixelLayout(width: 1, height: 1, channels: 3), bytes: color)
      #expect(image.flattened(channels: 1).bytes == [expected])
    }
  }

  @Test func flattening() {
    let layout = PixelLayout(width: 2, height: 1, channels: 2)
    let image = Image(layout: layout, bytes: [0, 255, 100, 51])
    // 255 + (100 − 255) × 51 / 255 = 224
    #expect(image.flattened().bytes == [0, 224])
    #expect(image.flattened(channels: 3).bytes == [0, 0, 0, 224, 224, 224])
  }

  // MARK: Crop and grid

  @Test func cropping() throws {
    let image = Image.noise(PixelLayout(width: 9, height: 7, channels: 3, sample: .uint16))
    let part = try image.cropped(x: 2, y: 3, width: 4, height: 2)
    for y in 0..<2 {
      for x in 0..<4 {
        for c in 0..<3 {
          #expect(part.samples[(y * 4 + x) * 3 + c] == image.samples[((y + 3) * 9 + x + 2) * 3 + c])
        }
      }
    }
    for (x, y, width, height) in [
      (0, 0, 0, 1), (-1, 0, 1, 1), (0, 0, 10, 1), (6, 0, 4, 1), (0, 7, 1, 1), (Int.max, 0, 1, 1),
    ] {
      #expect(throws: ImageError.self) {
        _ = try image.cropped(x: x, y: y, width: width, height: height)
      }
    }
  }

  @Test func grids() throws {
    let tiles = (1...3).map {
      Image(
        layout: PixelLayout(width: 2, height: 1, channels: 1), bytes: [UInt8($0), UInt8($0 + 10)])
    }
    let grid = try Image(montage: tiles, columns: 2, gap: 1, background: 9)
    #expect(grid.width == 7 && grid.height == 5)
    #expect(
      grid.bytes == [
        9, 9, 9, 9, 9, 9, 9,
        9, 1, 11, 9, 2, 12, 9,
        9, 9, 9, 9, 9, 9, 9,
        9, 3, 13, 9, 9, 9, 9,
        9, 9, 9, 9, 9, 9, 9,
      ])
    #expect(throws: ImageError.self) { _ = try Image(montage: []) }
    #expect(throws: ImageError.self) { _ = try Image(montage: tiles, columns: 0) }
    #expect(throws: ImageError.self) { _ = try Image(montage: tiles, columns: .max) }
  }

  // MARK: Resize

  /// The definition, in doubles: every output sample is the weighted mean of all pixels, with the kernel
  /// evaluated at their distance.
  private func slowResize(
    _ image: Image, _ width: Int, _ height: Int, _ resampling: Resampling
  ) -> [Double] {
    func weights(_ input: Int, _ output: Int) -> [[Double]] {
      let ratio = Double(input) / Double(output)
      let stretch = max(1, ratio)
      return (0..<output).map { pixel in
        let center = (Double(pixel) + 0.5) * ratio
        let values = (0..<input).map { index in
          switch resampling {
          case .nearest: index == Int(center) ? 1.0 : 0
          case .area:
            max(
              0, min(Double(index + 1), center + ratio / 2) - max(Double(index), center - ratio / 2)
            )
          default: kernel(resampling, (Double(index) + 0.5 - center) / stretch)
          }
        }
        let sum = values.reduce(0, +)
        return values.map { $0 / sum }
      }
    }
    let across = weights(image.width, width)
    let down = weights(image.height, height)
    let samples = image.samples.map(Double.init)
    var result: [Double] = []
    for y in 0..<height {
      for x in 0..<width {
        for c in 0..<image.channels {
          var sum = 0.0
          for v in 0..<image.height where down[y][v] != 0 {
            for u in 0..<image.width where across[x][u] != 0 {
              sum += down[y][v] * across[x][u] * samples[(v * image.width + u) * image.channels + c]
            }
          }
          result.append(sum)
        }
      }
    }
    return result
  }

  private func kernel(_ resampling: Resampling, _ distance: Double) -> Double {
    let x = abs(distance)
    switch resampling {
    case .linear: return max(0, 1 - x)
    case .cubic:
      return x < 1
        ? 1.5 * x * x * x - 2.5 * x * x + 1
        : x < 2 ? -0.5 * x * x * x + 2.5 * x * x - 4 * x + 2 : 0
    default:
      let turn = Double.pi * x
      return x == 0 ? 1 : x < 3 ? 3 * sin(turn) * sin(turn / 3) / (turn * turn) : 0
    }
  }

  @Test(arguments: Resampling.allCases, [SampleType.uint8, .uint16])
  func resizingEqualsTheDefinition(resampling: Resampling, sample: SampleType) throws {
    let full = sample == .uint8 ? 255.0 : 65535
    for (width, height, toWidth, toHeight) in [
      (7, 5, 7, 5), (7, 5, 3, 2), (7, 5, 20, 11), (16, 16, 5, 16), (1, 1, 4, 4), (13, 9, 1, 1),
      (12, 8, 6, 4), (5, 30, 11, 7),
    ] {
      for channels in [1, 3] {
        let image = Image.noise(
          PixelLayout(width: width, height: height, channels: channels, sample: sample))
        let resized = try image.resized(width: toWidth, height: toHeight, resampling)
        let expected = slowResize(image, toWidth, toHeight, resampling)
        for (value, exact) in zip(resized.samples, expected) {
          // Rounding may fall either way where the exact value lies between two integers.
          #expect(abs(Double(value) - min(max(exact, 0), full)) <= 0.5 + full * 2e-6)
        }
      }
    }
  }

  @Test func transparentPixelsAddNoColor() throws {
    let layout = PixelLayout(width: 2, height: 1, channels: 4)
    let image = Image(layout: layout, bytes: [200, 100, 50, 255, 0, 255, 0, 0])
    #expect(try image.resized(width: 1, height: 1, .area).bytes == [200, 100, 50, 128])
  }

  @Test func impossibleSizesAreErrors() throws {
    let image = Image(layout: PixelLayout(width: 2, height: 2, channels: 1))
    for (width, height) in [(0, 1), (1, -1), (1 << 40, 1 << 40), (100_000, 100_000)] {
      // Never `tooLarge`, which names an option that has no say here.
      guard
        case .invalidRequest = failure({ _ = try image.resized(width: width, height: height) })
      else {
        Issue.record("\(width) × \(height)")
        continue
      }
    }
  }

  @Test func copiesAreValues() {
    let first = Image(layout: PixelLayout(width: 1, height: 1, channels: 1))
    var second = first
    second.withUnsafeMutableBytes { $0[0] = 5 }
    #expect(first.bytes == [0] && second.bytes == [5])
  }
}
