import Filters
import Images
import Testing

/// Flips, the transpose and the negative against loops over single pixels.
@Suite struct TurnTests {
  @Test(arguments: 1...20)
  func everyPixelMovesToItsPlace(_ height: Int) throws {
    let filters: [(Filter, (_ x: Int, _ y: Int, _ w: Int, _ h: Int) -> (x: Int, y: Int))] = [
      (.flip, { x, y, _, h in (x, h - 1 - y) }), (.flop, { x, y, w, _ in (w - 1 - x, y) }),
      (.transpose, { x, y, _, _ in (y, x) }),
    ]
    for width in Array(1...20) + [67, 131] {
      let sample = [SampleType.uint8, .uint16, .float32][(width + height) % 3]
      let layout = PixelLayout(
        width: width, height: height, channels: 1 + (width * 7 + height) % 4, sample: sample)
      let image = Image.random(layout, seed: UInt64(width * 100 + height))
      for (filter, source) in filters {
        let chain = FilterChain([try FilterStep(filter)])
        let result = try chain.apply(to: image)
        let (before, after) = (image.samples, result.samples)
        for y in 0..<result.height {
          for x in 0..<result.width {
            let from = source(x, y, width, height)
            for c in 0..<layout.channels {
              let sample = after[(y * result.width + x) * layout.channels + c]
              let expected = before[(from.y * width + from.x) * layout.channels + c]
              #expect(sample == expected, "\(filter.name) of \(layout) at \(x), \(y)")
              if sample != expected { return }
            }
          }
        }
        #expect(try chain.apply(to: image, threads: 3).bytes == result.bytes)
        #expect(try collect(chain.source(over: ImageSource(image))).bytes == result.bytes)
      }
    }
  }

  /// Every turn, over sizes around the squares that are turned at once.
  @Test(arguments: [1, 7, 8, 9, 20, 63, 65, 130])
  func everyTurnMovesPixels(_ height: Int) throws {
    for width in [1, 5, 8, 17, 64, 72, 131] {
      for (channels, sample) in [
        (1, SampleType.uint8), (2, .uint8), (3, .uint8), (4, .uint8), (3, .uint16), (4, .float32),
      ] {
        let image = Image.random(
          PixelLayout(width: width, height: height, channels: channels, sample: sample), seed: 1)
        let before = image.samples
        for (orientation, source) in [
          (Orientation.transposed, { x, y in (y, x) }),
          (.quarterTurnClockwise, { x, y in (y, height - 1 - x) }),
          (.transverse, { x, y in (width - 1 - y, height - 1 - x) }),
          (.quarterTurnCounterclockwise, { x, y in (width - 1 - y, x) }),
        ] as [(Orientation, (Int, Int) -> (Int, Int))] {
          let turned = image.turned(orientation)
          let after = turned.samples
          let isRight = (0..<width).allSatisfy { y in
            (0..<height).allSatisfy { x in
              let from = source(x, y)
              return (0..<channels).allSatisfy { c in
                after[(y * height + x) * channels + c]
                  == before[(from.1 * width + from.0) * channels + c]
              }
            }
          }
          #expect(isRight, "\(orientation) of \(image.layout)")
        }
        // The filters turn whole squares by loops of their own.
        for (filter, argument, orientation) in [
          (.transpose, nil, .transposed), (.rotate, "90", .quarterTurnClockwise),
          (.rotate, "-90", .quarterTurnCounterclockwise),
        ] as [(Filter, String?, Orientation)] {
          let chain = FilterChain([try FilterStep(filter, argument)])
          for threads in [1, 3] {
            #expect(
              try chain.apply(to: image, threads: threads).bytes == image.turned(orientation).bytes,
              "\(filter.name) of \(image.layout)")
          }
        }
      }
    }
  }

  @Test(arguments: 1...4)
  func theNegativeLeavesAlphaAlone(_ channels: Int) throws {
    for (sample, white) in [(SampleType.uint8, 255.0), (.uint16, 65_535), (.float32, 1)] {
      let layout = PixelLayout(width: 300, height: 3, channels: channels, sample: sample)
      let image = Image.random(layout, seed: 5)
      let result = try FilterChain([FilterStep(.invert)]).apply(to: image)
      for (index, (before, after)) in zip(image.samples, result.samples).enumerated() {
        let isAlpha = layout.hasAlpha && index % channels == channels - 1
        #expect(isAlpha ? after == before : abs(after - (white - before)) < 1e-6)
      }
    }
  }

  @Test func anImageThatMayNotBeHeldIsRefused() throws {
    let layout = PixelLayout(width: 100, height: 100, channels: 1)
    let source = ImageSource(.random(layout, seed: 1))
    let limits = Limits(maximumPixels: 1_000_000, maximumBytes: 9_999)
    let flipped = FilterChain([try FilterStep(.flip)])
    #expect(throws: FilterError.self) { try flipped.source(over: source, limits: limits) }
    _ = try FilterChain([FilterStep(.flop)]).source(over: source, limits: limits)
  }
}
