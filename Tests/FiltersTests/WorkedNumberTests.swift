import Filters
import Images
import Testing

/// The numbers that SPEC works out by hand.
@Suite struct WorkedNumberTests {
  private func valid(_ kernel: String, _ rows: [[Double]], bias: Double = 0) throws -> [[Double]] {
    let options = FilterOptions(padding: .valid, bias: bias)
    let image = Image(gray: rows, sample: .float32)
    return try FilterChain([FilterStep(.custom, kernel, options)]).apply(to: image).rows
  }

  @Test func patternInsideAFiveByFiveImage() throws {
    let image: [[Double]] = [
      [1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0],
    ]
    #expect(
      try valid("1 0 1; 0 1 0; 1 0 1", image) == [[4, 3, 4], [2, 4, 3], [2, 3, 4]])
  }

  @Test func prewittAcrossAnEdge() throws {
    let image = Array(repeating: [10.0, 10, 10, 0, 0, 0], count: 6)
    #expect(
      try valid("1 0 -1; 1 0 -1; 1 0 -1", image)
        == Array(repeating: [0, 30, 30, 0], count: 4))
    let x = FilterOptions(padding: .valid, direction: .x)
    let filtered = try FilterChain([FilterStep(.prewitt, nil, x)]).apply(to: Image(gray: image))
    #expect(filtered.rows == Array(repeating: [0, 30, 30, 0], count: 4))
  }

  @Test func prewittDownACheckerboard() throws {
    let image =
      Array(repeating: [10.0, 10, 10, 0, 0, 0], count: 3)
      + Array(repeating: [0.0, 0, 0, 10, 10, 10], count: 3)
    let expected: [[Double]] = [
      [0, 0, 0, 0], [30, 10, -10, -30], [30, 10, -10, -30], [0, 0, 0, 0],
    ]
    #expect(try valid("1 1 1; 0 0 0; -1 -1 -1", image) == expected)
    let y = FilterOptions(padding: .valid, direction: .y)
    let filtered = try FilterChain([FilterStep(.prewitt, nil, y)])
      .apply(to: Image(gray: image, sample: .float32))
    #expect(filtered.rows == expected)
  }

  @Test func twoByTwoKernelsWithBias() throws {
    let image: [[Double]] = [
      [23, 255, 40, 12, 4], [21, 34, 200, 43, 200], [160, 180, 17, 190, 80],
      [210, 190, 40, 3, 240],
    ]
    let first = { (kernel: String, bias: Double) in
      try self.valid(kernel, image, bias: bias)[0][0]
    }
    #expect(try first("1 0; 0 1", 0) == 57)
    #expect(try first("0 1; 1 0", -1) == 275)
    #expect(abs(try first("0.9 1.1; -2.8 0.8", 0.15) - 269.75) < 1e-4)
    #expect(abs(try first("0.9 1.1; 0 0.8", -1.6) - 326.8) < 1e-4)
  }

  @Test func aReceptiveFieldThatMatchesItsDetector() throws {
    #expect(try valid("30 30 30 20 30", [[50, 50, 50, 30, 50]])[0][0] == 6600)
  }

  @Test func outputSizes() throws {
    let layout = PixelLayout(width: 6, height: 6, channels: 1)
    func size(_ options: FilterOptions) throws -> Int {
      try FilterChain([FilterStep(.sobel, nil, options)]).outputLayout(for: layout).width
    }
    #expect(try size(FilterOptions()) == 6)
    #expect(try size(FilterOptions(padding: .valid)) == 4)
    #expect(try size(FilterOptions(padding: .valid, stride: 2)) == 2)
    #expect(try size(FilterOptions(stride: 4)) == 2)
  }

  /// Of 16 bits each level counts: .299 R + .587 G + .114 B to the nearest.
  @Test func grayOf16BitsIsTheNearestLevel() throws {
    let layout = PixelLayout(width: 6, height: 1, channels: 3, sample: .uint16)
    let colors: [Double] = [
      60_000, 0, 0, 65_535, 0, 0, 0, 65_535, 0, 0, 0, 65_535, 0, 65_535, 0, 12_345, 54_321, 33_333,
    ]
    let gray = try FilterChain([FilterStep(.gray)]).apply(to: Image(layout, colors))
    #expect(gray.samples == [17_940, 19_595, 38_469, 7_471, 38_469, 39_378])
  }
}
