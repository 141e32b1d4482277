import Filters
import Foundation
import Images
import Testing

/// Sizes, parts, canvases and turns against plain loops in `Double`.
@Suite struct GeometryTests {
  private func size(
    _ width: Int, _ height: Int, _ argument: String, fit: String? = nil, _ filter: Filter = .resize
  ) throws -> [Int] {
    let step = try FilterStep(
      filter, argument, modifiers: fit.map { ["fit": $0] } ?? [:])
    let layout = try FilterChain([step]).outputLayout(
      for: PixelLayout(width: width, height: height, channels: 1))
    return [layout.width, layout.height]
  }

  @Test func sizesFollowTheirRules() throws {
    #expect(try size(500, 399, "100") == [100, 80])
    #expect(try size(500, 399, "100x") == [100, 80])
    #expect(try size(550, 5, "80") == [80, 1])
    #expect(try size(500, 399, "x80") == [100, 80])
    #expect(try size(500, 399, "50%") == [250, 200])
    #expect(try size(3, 3, "1%") == [1, 1])
    #expect(try size(500, 399, "100x100") == [100, 80])
    #expect(try size(500, 399, "1000x100") == [125, 100])
    #expect(try size(500, 399, "100x50", fit: "stretch") == [100, 50])
    #expect(try size(500, 399, "100x50", fit: "crop") == [100, 50])
    #expect(try size(500, 399, "100x50", fit: "pad") == [100, 50])
    #expect(try size(4000, 3000, "256", .thumbnail) == [256, 192])
    #expect(try size(3000, 4000, "256", .thumbnail) == [192, 256])
    #expect(try size(100, 50, "256", .thumbnail) == [100, 50])
    #expect(try size(5000, 3, "256", .thumbnail) == [256, 1])
    for bad in ["0", "-3", "x", "", "10x10x10", "0%", "nan%", "1e9%", "65536", "1,5"] {
      #expect(throws: FilterError.self) { try size(5, 5, bad) }
    }
    #expect(throws: FilterError.self) { try size(5, 5, "3", fit: "crop") }
    #expect(throws: FilterError.self) { try size(5, 5, "3x3", fit: "cover") }
  }

  @Test(arguments: Resampling.allCases)
  func resizingEqualsTheDefinition(_ resampling: Resampling) throws {
    for (index, (w, h, toW, toH)) in [
      (1, 1, 7, 3), (7, 5, 3, 2), (20, 13, 19, 12), (16, 12, 8, 6), (37, 41, 5, 60), (64, 9, 3, 1),
      (131, 67, 40, 21), (3, 3, 20, 20), (258, 4, 129, 2),
    ].enumerated() {
      let sample: SampleType = index % 3 == 2 ? .uint16 : .uint8
      for channels in 1...4 {
        let layout = PixelLayout(width: w, height: h, channels: channels, sample: sample)
        let image = Image.random(layout, seed: UInt64(index * 10 + channels))
        let step = try FilterStep(
          .resize, "\(toW)x\(toH)",
          modifiers: ["fit": "stretch", "interpolation": resampling.rawValue])
        let result = try everyWay(step, image)
        let expected = slowResize(image, toW, toH, resampling)
        for (place, (a, b)) in zip(result.samples, expected).enumerated() {
          #expect(abs(a - b) <= 1, "\(resampling) \(layout) → \(toW) × \(toH), sample \(place)")
          if abs(a - b) > 1 { return }
        }
      }
    }
  }

  @Test(arguments: Resampling.allCases)
  func aConstantStaysConstant(_ resampling: Resampling) throws {
    for value in [0.0, 1, 127, 254, 255] {
      for channels in [1, 3] {
        let layout = PixelLayout(width: 61, height: 47, channels: channels)
        let image = Image(layout, Array(repeating: value, count: 61 * 47 * channels))
        for size in ["7x5", "60x46", "100x99"] {
          let step = try FilterStep(
            .resize, size, modifiers: ["fit": "stretch", "interpolation": resampling.rawValue])
          let result = try FilterChain([step]).apply(to: image)
          #expect(result.samples.allSatisfy { $0 == value })
        }
      }
    }
  }

  @Test func croppingAndPaddingMovePixels() throws {
    let image = Image.random(PixelLayout(width: 20, height: 60, channels: 3), seed: 3)
    let crop = try everyWay(FilterStep(.crop, "4,45,7,9"), image)
    for y in 0..<9 { #expect(crop.rows[y] == Array(image.rows[y + 45][12..<33])) }
    #expect(throws: FilterError.self) {
      try FilterChain([FilterStep(.crop, "15,0,6,1")]).apply(to: image)
    }
    let pad = try everyWay(
      FilterStep(.pad, "1,40,3,50", modifiers: ["background": "#0a141e"]), image)
    #expect(pad.layout == PixelLayout(width: 24, height: 150, channels: 3))
    #expect(pad.rows[39] == Array(repeating: [10.0, 20, 30], count: 24).flatMap { $0 })
    #expect(pad.rows[41] == [10.0, 20, 30] + image.rows[1] + [10, 20, 30, 10, 20, 30, 10, 20, 30])
    let clear = try everyWay(FilterStep(.pad, "1"), image)
    #expect(clear.layout.channels == 4 && clear.rows[0].allSatisfy { $0 == 0 })
    #expect(Array(clear.rows[1][4..<8]) == Array(image.rows[0][0..<3]) + [255])
    let mirrored = try everyWay(FilterStep(.pad, "2", FilterOptions(border: .reflect101)), image)
    #expect(Array(mirrored.rows[0][0..<3]) == Array(image.rows[2][6..<9]))
    let wrapped = try everyWay(FilterStep(.pad, "70", FilterOptions(border: .wrap)), image)
    #expect(Array(wrapped.rows[0][0..<3]) == Array(image.rows[50][30..<33]))
  }

  @Test func trimmingLeavesWhatIsNotMargin() throws {
    let layout = PixelLayout(width: 9, height: 7, channels: 1)
    var samples = Array(repeating: 200.0, count: 63)
    samples[2 * 9 + 3] = 0
    samples[5 * 9 + 6] = 190
    let image = Image(layout, samples)
    #expect(
      try everyWay(FilterStep(.trim), image).layout
        == PixelLayout(width: 4, height: 4, channels: 1))
    #expect(try everyWay(FilterStep(.trim, "10"), image).samples == [0])
    #expect(try everyWay(FilterStep(.trim, "200"), image) == image)
  }

  @Test(arguments: [10.0, -10, 45, 91, 179.5, 333, 0.25])
  func rotatingEqualsTheDefinition(_ angle: Double) throws {
    for (index, (w, h)) in [(1, 1), (2, 2), (20, 3), (3, 20), (31, 17), (300, 11)].enumerated() {
      for channels in 1...4 {
        let layout = PixelLayout(
          width: w, height: h, channels: channels, sample: index % 2 == 0 ? .uint8 : .uint16)
        let image = Image.random(layout, seed: UInt64(index * 10 + channels))
        for background in ["transparent", "#204060"] {
          let step = try FilterStep(.rotate, "\(angle)", modifiers: ["background": background])
          let result = try everyWay(step, image)
          let expected = slowRotate(image, angle, background == "transparent" ? nil : [32, 64, 96])
          #expect(result.samples.count == expected.count)
          for (place, (a, b)) in zip(result.samples, expected).enumerated() {
            #expect(abs(a - b) <= 1, "\(angle) \(layout) \(background), sample \(place)")
            if abs(a - b) > 1 { return }
          }
        }
      }
    }
  }

  @Test func quarterTurnsMovePixels() throws {
    let image = Image.random(PixelLayout(width: 5, height: 3, channels: 3), seed: 1)
    let turned = try everyWay(FilterStep(.rotate, "90"), image)
    for y in 0..<5 {
      for x in 0..<3 {
        #expect(
          Array(turned.rows[y][3 * x..<3 * x + 3])
            == Array(image.rows[2 - x][3 * y..<3 * y + 3]))
      }
    }
    let three = try FilterChain([FilterStep(.rotate, "-90")]).apply(to: image)
    #expect(try FilterChain([FilterStep(.rotate, "270")]).apply(to: image) == three)
    #expect(try FilterChain([FilterStep(.rotate, "-360")]).apply(to: image) == image)
  }

  // MARK: References

  /// Every way to compute gives the same bytes.
  private func everyWay(_ step: FilterStep, _ image: Image) throws -> Image {
    let chain = FilterChain([step])
    let result = try chain.apply(to: image)
    #expect(try chain.apply(to: image, threads: 3).bytes == result.bytes)
    #expect(try collect(chain.source(over: ImageSource(image))).bytes == result.bytes)
    return result
  }

  private func slowResize(_ image: Image, _ width: Int, _ height: Int, _ resampling: Resampling)
    -> [Double]
  {
    let across = slowWeights(image.width, width, resampling)
    let down = slowWeights(image.height, height, resampling)
    let (samples, channels) = (image.samples, image.channels)
    let white: Double = image.layout.sample == .uint8 ? 255 : 65_535
    let weighsAlpha = image.layout.hasAlpha && resampling != .nearest
    var result: [Double] = []
    for y in 0..<height {
      for x in 0..<width {
        var sum = [Double](repeating: 0, count: channels)
        for v in 0..<image.height where down[y][v] != 0 {
          for u in 0..<image.width where across[x][u] != 0 {
            let pixel = (v * image.width + u) * channels
            let weight = down[y][v] * across[x][u]
            for c in 0..<channels {
              let share =
                weighsAlpha && c < channels - 1 ? samples[pixel + channels - 1] / white : 1
              sum[c] += weight * share * samples[pixel + c]
            }
          }
        }
        if weighsAlpha {
          let alpha = sum[channels - 1] / white
          for c in 0..<channels - 1 { sum[c] = alpha > 0 ? sum[c] / alpha : 0 }
        }
        result += sum.map { min(max($0, 0), white) }
      }
    }
    return result
  }

  private func slowWeights(_ input: Int, _ output: Int, _ resampling: Resampling) -> [[Double]] {
    let ratio = Double(input) / Double(output)
    let stretch = max(1, ratio)
    return (0..<output).map { pixel in
      let center = (Double(pixel) + 0.5) * ratio
      let values = (0..<input).map { index -> Double in
        let x = abs(Double(index) + 0.5 - center) / stretch
        switch resampling {
        case .nearest: return index == Int(center) ? 1 : 0
        case .area:
          let overlap =
            min(Double(index + 1), center + ratio / 2) - max(Double(index), center - ratio / 2)
          return max(0, overlap)
        case .linear: return max(0, 1 - x)
        case .cubic:
          return x < 1
            ? 1.5 * x * x * x - 2.5 * x * x + 1
            : x < 2 ? -0.5 * x * x * x + 2.5 * x * x - 4 * x + 2 : 0
        case .lanczos:
          let turn = Double.pi * x
          return x == 0 ? 1 : x < 3 ? 3 * sin(turn) * sin(turn / 3) / (turn * turn) : 0
        }
      }
      let sum = values.reduce(0, +)
      return values.map { $0 / sum }
    }
  }

  private func slowRotate(_ image: Image, _ angle: Double, _ background: [Double]?) -> [Double] {
    let (w, h, channels) = (image.width, image.height, image.channels)
    let (c, s) = (cos(angle * .pi / 180), sin(angle * .pi / 180))
    let width = Int((Double(w) * abs(c) + Double(h) * abs(s) - 1e-6).rounded(.up))
    let height = Int((Double(w) * abs(s) + Double(h) * abs(c) - 1e-6).rounded(.up))
    let white: Double = image.layout.sample == .uint8 ? 255 : 65_535
    let colors = image.layout.colorChannels
    let hasAlpha = image.layout.hasAlpha || background == nil
    let samples = image.samples
    var fill = (background ?? [0, 0, 0]).map { $0 * white / 255 }
    if colors == 1 {
      fill = [(0.299 * fill[0] + 0.587 * fill[1] + 0.114 * fill[2]).rounded(.toNearestOrEven)]
    }
    let fillAlpha = background == nil ? 0.0 : 1
    var result: [Double] = []
    for y in 0..<height {
      for x in 0..<width {
        let (dx, dy) = (
          Double(x) + 0.5 - Double(width) / 2, Double(y) + 0.5 - Double(height) / 2
        )
        let u = dx * c + dy * s + Double(w) / 2 - 0.5
        let v = dy * c - dx * s + Double(h) / 2 - 0.5
        var (sum, alpha) = ([Double](repeating: 0, count: colors), 0.0)
        for row in Int(floor(v))...Int(floor(v)) + 1 {
          for column in Int(floor(u))...Int(floor(u)) + 1 {
            let weight = (1 - abs(u - Double(column))) * (1 - abs(v - Double(row)))
            let isInside = (0..<w).contains(column) && (0..<h).contains(row)
            let pixel = (row * w + column) * channels
            let share =
              !isInside
              ? fillAlpha : image.layout.hasAlpha ? samples[pixel + channels - 1] / white : 1
            for k in 0..<colors {
              sum[k] += weight * share * (isInside ? samples[pixel + k] : fill[k])
            }
            alpha += weight * share
          }
        }
        result += sum.map { alpha > 0 ? $0 / alpha : 0 }
        if hasAlpha { result.append(alpha * white) }
      }
    }
    return result
  }
}
