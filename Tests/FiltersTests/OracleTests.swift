import Filters
import Foundation
import Images
import Testing

/// Against what OpenCV and SciPy computed (`Fixtures/make_fixtures.py`).
@Suite struct OracleTests {
  private static let color = Oracles.color
  private static let gray16 = Oracles.gray16
  private static let expected = Oracles("expected").results

  /// The filtered input and the oracle's result.
  private func pair(
    _ name: String, _ filter: String, argument: String? = nil, _ options: FilterOptions,
    on layout: PixelLayout = color
  ) throws -> (actual: [Double], expected: [Double]) {
    let step = try FilterStep(#require(Filter.named(filter)), argument, options)
    let actual = try FilterChain([step]).apply(to: Oracles.input(layout)).samples
    let expected = try #require(Self.expected[name], "no fixture \(name)")
    #expect(actual.count == expected.count)
    return (actual, expected)
  }

  private static let borders: [(String, Border)] = [
    ("reflect101", .reflect101), ("replicate", .replicate), ("reflect", .reflect),
    ("constant", .constant(0)),
  ]

  @Test(arguments: borders)
  func fixedKernelsEqualFilter2D(_ name: String, _ border: Border) throws {
    for filter in [
      "edge", "laplacian", "edge8", "sharpen", "sharpen8", "strong-edge", "blur", "sobel", "scharr",
    ] {
      let (actual, expected) = try pair("\(filter)-\(name)", filter, FilterOptions(border: border))
      #expect(actual == expected, "\(filter) \(name)")
    }
  }

  /// OpenCV's and SciPy's derivative kernels are the negatives of `1 0 -1`: each half of the range is
  /// compared where clamping shows it, and both where the sign is dropped.
  @Test(arguments: borders + [("wrap", .wrap)])
  func signedGradientsAreTheNegativesOfTheOracles(_ name: String, _ border: Border) throws {
    for (filter, direction) in [
      ("sobel", GradientDirection.x), ("sobel", .y), ("scharr", .x), ("scharr", .y),
      ("prewitt", .x),
    ] {
      let fixture = "\(filter)-\(direction.rawValue)-\(name)"
      guard Self.expected[fixture] != nil else { continue }
      var options = FilterOptions(border: border, direction: direction)
      let (positive, oracle) = try pair(fixture, filter, options)
      #expect(positive == oracle.map { min(max(-$0, 0), 255) }, "\(fixture)")
      options.scale = -1
      #expect(try pair(fixture, filter, options).actual == oracle.map { min(max($0, 0), 255) })
      options.range = .absolute
      #expect(try pair(fixture, filter, options).actual == oracle.map { min(abs($0), 255) })
    }
  }

  @Test func boxesRoundHalfUp() throws {
    for size in [3, 4, 15] {
      let (actual, expected) = try pair(
        "box\(size)-reflect101", "box", argument: "\(size)", FilterOptions())
      #expect(actual == expected, "box \(size)")
    }
  }

  @Test func gaussiansEqualDoublePrecision() throws {
    for sigma in ["0.8", "2", "5"] {
      let bytes = try pair(
        "gaussian\(sigma)-reflect101", "gaussian", argument: sigma, FilterOptions())
      #expect(bytes.actual == bytes.expected, "σ \(sigma)")
      let words = try pair(
        "gaussian\(sigma)-reflect10116", "gaussian", argument: sigma, FilterOptions(),
        on: Self.gray16)
      #expect(words.actual == words.expected, "σ \(sigma), 16 bits")
    }
  }

  @Test func grayEqualsCvtColor() throws {
    let (actual, expected) = try pair("gray", "gray", FilterOptions())
    #expect(actual == expected)
  }

  @Test func sixteenBitMagnitudes() throws {
    let (actual, expected) = try pair("sobel16", "sobel", FilterOptions(), on: Self.gray16)
    #expect(actual == expected)
  }

  @Test func anglesPointWhereItBrightens() throws {
    let (actual, expected) = try pair(
      "sobel-angle", "sobel", FilterOptions(direction: .angle))
    #expect(actual == expected)
  }

  /// Pillow's floats, rounded once at the end, as ours are; near a tie a sample may be one off.
  @Test func sizesEqualPillowAndOpenCV() throws {
    let index = try String(
      contentsOf: Oracles.folder.appendingPathComponent("resized.txt"), encoding: .utf8)
    let data = try [UInt8](Data(contentsOf: Oracles.folder.appendingPathComponent("resized.bin")))
    var start = 0
    for line in index.split(separator: "\n") {
      let fields = line.split(separator: " ").map(String.init)
      let step = try FilterStep(
        .resize, "\(fields[1])x\(fields[2])",
        modifiers: ["fit": "stretch", "interpolation": fields[0]])
      let resized = try FilterChain([step]).apply(to: Oracles.input(Self.color)).bytes
      let expected = data[start..<start + resized.count]
      start += resized.count
      let largest = zip(resized, expected).map { abs(Int($0) - Int($1)) }.max() ?? 0
      #expect(largest <= (fields[0] == "nearest" ? 0 : 1), "\(line): \(largest)")
    }
    #expect(start == data.count)
  }
}
