import Filters
import Images
import Testing

@Suite struct MeasurementTests {
  private func measure(_ image: Image, _ filter: Filter = .identity) throws -> Measurement {
    let measurements = Measurements()
    let chain = FilterChain([try FilterStep(filter, nil, FilterOptions(measures: true))])
    _ = try collect(
      chain.source(over: ImageSource(image), measurements: measurements), rowsAtATime: 3)
    return try #require(measurements.all.first)
  }

  @Test func partsThatTouchAtCornersAreOne() throws {
    let image = Image(gray: [
      [9, 0, 0, 0, 0, 7, 7],
      [0, 9, 0, 0, 0, 0, 7],
      [0, 0, 9, 0, 5, 0, 0],
      [0, 0, 0, 9, 0, 0, 0],
      [0, 0, 0, 0, 0, 0, 0],
      [3, 0, 3, 0, 0, 0, 0],
      [3, 3, 3, 0, 0, 0, 1],
    ])
    let measured = try measure(image)
    #expect(measured.components == 4)
    #expect(measured.area == 14.0 / 49)
    #expect(measured.histogram[0][9] == 4 && measured.histogram[0][0] == 35)
  }

  /// Against a flood fill over single pixels.
  @Test(arguments: 1...20)
  func partsAreThoseOfAFloodFill(_ seed: Int) throws {
    let (width, height) = (1 + seed * 7 % 33, 1 + seed * 5 % 29)
    var samples = Image.random(
      PixelLayout(width: width, height: height, channels: 1), seed: UInt64(seed)
    ).samples.map { $0 < 150 ? 0.0 : 255 }
    let image = Image(PixelLayout(width: width, height: height, channels: 1), samples)
    var parts = 0
    for start in samples.indices where samples[start] > 0 {
      parts += 1
      var open = [start]
      samples[start] = 0
      while let pixel = open.popLast() {
        for y in pixel / width - 1...pixel / width + 1 {
          for x in pixel % width - 1...pixel % width + 1
          where (0..<height).contains(y) && (0..<width).contains(x) && samples[y * width + x] > 0 {
            samples[y * width + x] = 0
            open.append(y * width + x)
          }
        }
      }
    }
    #expect(try measure(image).components == parts)
  }
}
