import Filters
import Images
import Testing

/// The filters that are no correlation against OpenCV, SciPy and numpy (`Fixtures/make_oracles.py`).
@Suite struct ShelfOracleTests {
  private static let expected = Oracles("oracles").results

  enum Input: Sendable { case color, gray, red, gray16 }

  /// A result's name, the filter as it is typed, and what it is given.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let words: [String]
    let input: Input
    var testDescription: String { name }

    init(_ name: String, _ line: String, _ input: Input = .color) {
      self.name = name
      words = line.split(separator: " ").map { String($0).replacing("_", with: " ") }
      self.input = input
    }

    func step() throws -> FilterStep {
      var modifiers: [String: String] = [:]
      var options = FilterOptions()
      var rest = words.dropFirst(2)
      while let name = rest.popFirst() {
        switch name {
        case "bias": options.bias = Double(rest.popFirst() ?? "") ?? 0
        case "l2": modifiers[name] = ""
        default: modifiers[name] = rest.popFirst()
        }
      }
      let filter = try #require(Filter.named(words[0]))
      let argument = words.count > 1 && words[1] != "-" ? words[1] : nil
      return try FilterStep(filter, argument, options, modifiers: modifiers)
    }
  }

  private static let ranks =
    [3, 5, 7, 15, 31].map { Case("median\($0)", "median \($0)") }
    + [3, 5, 7, 13].map { Case("median\($0)-16", "median \($0)", .gray16) }

  private static let morphology: [Case] = {
    var cases: [Case] = []
    for shape in ["rect", "cross", "ellipse"] {
      for size in ["3x3", "5x5", "7x3", "9x9", "13x21"] {
        cases.append(
          Case(
            "erode-\(shape)-\(size)", "erode - element \(shape) element-size \(size)", .red))
      }
    }
    for name in ["erode", "dilate", "open", "close", "morph-gradient", "tophat", "blackhat"] {
      cases.append(
        Case(
          "\(name)-ellipse-7x5-2", "\(name) - element ellipse element-size 7x5 iterations 2"))
      cases.append(Case("\(name)-16", name, .gray16))
    }
    for name in ["erode", "dilate", "open"] {
      cases.append(Case("\(name)-even", "\(name) - element 1_1_1_1;1_1_1_1", .red))
      cases.append(Case("\(name)-corner", "\(name) - element 1_1_0;1_0_0;0_0_0", .red))
    }
    return cases
  }()

  private static let edges: [Case] = {
    var cases = [
      Case("canny-16", "canny 25000,60000", .gray16), Case("log1", "log 1 bias 128"),
      Case("log2.3", "log 2.3 bias 128"), Case("dog", "dog 1,2.5 bias 128"),
      Case("kirsch", "kirsch"), Case("roberts", "roberts"),
    ]
    for (input, name) in [(Input.gray, "gray"), (.color, "color")] {
      for (aperture, limits) in [(3, "80.5,190.2"), (5, "900,2100"), (7, "20000,52000")] {
        let line = "canny \(limits) aperture \(aperture)"
        cases.append(Case("canny-\(name)-\(aperture)", line, input))
        cases.append(Case("canny-\(name)-\(aperture)-l2", line + " l2", input))
      }
    }
    return cases
  }()

  private static let tone: [Case] = {
    var cases = [
      Case("otsu", "threshold otsu"), Case("otsu-16", "threshold otsu", .gray16),
      Case("triangle", "threshold triangle"),
      Case("triangle-16", "threshold triangle", .gray16), Case("equalize", "equalize"),
      Case("equalize-gray", "equalize", .red), Case("equalize-16", "equalize", .gray16),
      Case("unsharp", "unsharp 2 amount 1.5 above 3"),
    ]
    for arguments in ["3,2", "31,-4.5", "75,0"] {
      let size = arguments.split(separator: ",")[0]
      let line = "adaptive-threshold \(arguments)"
      cases.append(Case("adaptive-mean-\(size)", line))
      cases.append(Case("adaptive-gaussian-\(size)", line + " weights gaussian"))
    }
    for (clip, tiles) in [("2", 8), ("0", 1), ("40", 3), ("3.5", 16)] {
      cases.append(Case("clahe-\(clip)-\(tiles)", "clahe \(clip) tiles \(tiles)"))
      cases.append(Case("clahe-\(clip)-\(tiles)-16", "clahe \(clip) tiles \(tiles)", .gray16))
    }
    return cases
  }()

  @Test(arguments: ranks + morphology + edges + tone)
  func equalsTheOracle(_ test: Case) throws {
    let (actual, expected) = try pair(test)
    #expect(actual == expected, "\(different(actual, expected)) differ")
  }

  /// Within 1 of `Double`, and equal to it on 99.9 % of the samples.
  @Test(arguments: [
    Case("bilateral", "bilateral 9,50,3"), Case("bilateral-gray", "bilateral 7,20,50", .red),
    Case("bilateral-16", "bilateral 9,9000,4", .gray16),
  ])
  func bilateralIsNearTheReference(_ test: Case) throws {
    let (actual, expected) = try pair(test)
    #expect(zip(actual, expected).allSatisfy { abs($0 - $1) <= 1 })
    #expect(different(actual, expected) * 1000 <= actual.count)
  }

  /// The Gaussian's own rounding moves few samples.
  private func pair(_ test: Case) throws -> (actual: [Double], expected: [Double]) {
    let expected = try #require(Self.expected[test.name], "no fixture \(test.name)")
    let actual = try FilterChain([test.step()]).apply(to: image(test.input)).samples
    try #require(actual.count == expected.count)
    return (actual, expected)
  }

  private func image(_ input: Input) throws -> Image {
    switch input {
    case .color: return try Oracles.input(Oracles.color)
    case .gray16: return try Oracles.input(Oracles.gray16)
    case .gray:
      return try FilterChain([FilterStep(.gray)]).apply(to: Oracles.input(Oracles.color))
    case .red:
      let color = try Oracles.input(Oracles.color)
      let samples = color.samples
      return Image(
        PixelLayout(width: color.width, height: color.height, channels: 1),
        stride(from: 0, to: samples.count, by: 3).map { samples[$0] })
    }
  }

  private func different(_ a: [Double], _ b: [Double]) -> Int {
    zip(a, b).filter { $0 != $1 }.count
  }
}
