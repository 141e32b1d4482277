import Filters
import Images
import Loops
import Testing

/// All filters against the slow reference, over all small sizes, borders, layouts and options; every
/// instruction set, several threads and streams must give the same bytes.
@Suite struct ReferenceTests {
  private static let borders: [Border] = [
    .reflect101, .replicate, .reflect, .wrap, .constant(77),
  ]

  /// Steps whose results are whole numbers or rounded in a stated way: no pixel may differ.
  private static let exact: [(name: String, argument: String?)] = [
    ("identity", nil), ("edge", nil), ("edge8", nil), ("laplacian", nil), ("sharpen", nil),
    ("sharpen8", nil), ("strong-edge", nil), ("blur", nil), ("box", "1"), ("box", "2"),
    ("box", "3"), ("box", "4"), ("box", "7"), ("box", "15"), ("box", "23"), ("prewitt", nil),
    ("sobel", nil), ("scharr", nil), ("kernel", "1 2; -3 4"), ("kernel", "1 0 -1 2 -2"),
    ("kernel", "1;2;0;-3"), ("kernel", "300 -200 5; 1 2 3; 0 -90 2"), ("gray", nil),
    ("kernel", "1 2 3 4; 5 -6 7 8; -9 8 7 -6; 0 0 -3 1; 1 1 1 1"), ("kernel", "0"),
  ]

  @Test(arguments: 1...20)
  func everythingEqualsTheSlowReference(_ height: Int) throws {
    var generator = SeededGenerator(UInt64(height))
    for width in 1...20 {
      for border in Self.borders {
        for (index, filter) in Self.exact.enumerated() {
          // Every second filter at a time, so that the whole takes seconds.
          guard (width + height + index) % 2 == 0 else { continue }
          try check(filter, width, height, border, &generator)
        }
      }
    }
  }

  /// Rows around the lengths at which the loops of small windows begin another block.
  @Test(arguments: [64, 65, 85, 86, 127, 128, 129, 171, 172, 255, 256, 257, 259, 300, 515])
  func longRowsEqualTheSlowReference(_ width: Int) throws {
    var generator = SeededGenerator(UInt64(width + 1000))
    let filters = [
      ("sharpen", nil), ("sharpen8", nil), ("kernel", "1 2 -3; 4 5 -6; -7 8 -9"), ("box", "3"),
      ("box", "2"), ("sobel", nil),
    ]
    for (name, argument) in filters {
      for border in Self.borders {
        for channels in 1...4 {
          let layout = PixelLayout(
            width: width, height: Int.random(in: 3...6, using: &generator), channels: channels)
          let options = FilterOptions(
            border: border, padding: Bool.random(using: &generator) ? .valid : .same)
          let step = try FilterStep(#require(Filter.named(name)), argument, options)
          try check(step, layout, &generator)
        }
      }
    }
  }

  @Test(arguments: 1...20)
  func poolsEqualTheSlowReference(_ height: Int) throws {
    var generator = SeededGenerator(UInt64(height + 100))
    for width in 1...20 {
      for filter in ["max-pool", "average-pool", "sum-pool"] {
        let (w, h) = (
          Int.random(in: 1...width, using: &generator),
          Int.random(in: 1...height, using: &generator)
        )
        let stride = Bool.random(using: &generator) ? Int.random(in: 1...3, using: &generator) : nil
        let step = try FilterStep(
          #require(Filter.named(filter)), "\(w)x\(h)", FilterOptions(stride: stride))
        try check(step, width, height, &generator)
      }
    }
  }

  /// A Gaussian's weights are not exact numbers: one in 10,000 pixels may be one off.
  @Test(arguments: [0.3, 0.8, 1.4, 2, 5, 9.5])
  func gaussiansEqualTheSlowReference(_ sigma: Double) throws {
    var generator = SeededGenerator(UInt64(sigma * 10))
    var (samples, different) = (0, 0)
    for size in 1...20 {
      for border in Self.borders {
        let layout = PixelLayout(
          width: size, height: Int.random(in: 1...20, using: &generator),
          channels: Int.random(in: 1...4, using: &generator))
        let image = Image.random(layout, seed: generator.next())
        let step = try FilterStep(.gaussian, "\(sigma)", FilterOptions(border: border))
        let expected = SlowReference(operation: step.operation, options: step.options)
          .apply(to: image)
        let actual = try everyWay(step, image)
        let distances = zip(actual.samples, expected.samples).map { abs($0 - $1) }
        #expect((distances.max() ?? 0) <= 1)
        samples += distances.count
        different += distances.count { $0 != 0 }
      }
    }
    #expect(different * 10_000 <= samples, "\(different) of \(samples)")
  }

  private func check(
    _ filter: (name: String, argument: String?), _ width: Int, _ height: Int, _ border: Border,
    _ generator: inout SeededGenerator
  ) throws {
    let filter = (try #require(Filter.named(filter.name)), filter.argument)
    if filter.0 == .gray {
      try check(FilterStep(.gray), width, height, &generator)
      return
    }
    var options = FilterOptions(border: border)
    // Half of all with the defaults, since those have the fast loops.
    if Bool.random(using: &generator) {
      options.stride = Int.random(in: 1...3, using: &generator)
      options.range = OutputRange.allCases.randomElement(using: &generator) ?? .clamped
      // Means are rounded half up only when nothing else is done to them.
      if filter.0 == .box {
        if options.range == .normalized { options.range = .clamped }
      } else {
        options.scale = [1, 0.5, -2].randomElement(using: &generator) ?? 1
        options.bias = [0, 10, -0.25].randomElement(using: &generator) ?? 0
      }
      options.relu = Bool.random(using: &generator)
    }
    if Bool.random(using: &generator) { options.alpha = .straight }
    let step = try FilterStep(filter.0, filter.1, options)
    if case .gradient = step.operation {
      options.direction = GradientDirection.allCases.randomElement(using: &generator)
    }
    let (windowWidth, windowHeight) = step.operation.windowSize
    if windowWidth <= width, windowHeight <= height, Bool.random(using: &generator) {
      options.padding = .valid
    }
    try check(FilterStep(filter.0, filter.1, options), width, height, &generator)
  }

  private func check(
    _ step: FilterStep, _ width: Int, _ height: Int, _ generator: inout SeededGenerator
  ) throws {
    let sample = [SampleType.uint8, .uint8, .uint16, .float32].randomElement(using: &generator)
    let layout = PixelLayout(
      width: width, height: height, channels: Int.random(in: 1...4, using: &generator),
      sample: sample ?? .uint8)
    try check(step, layout, &generator)
  }

  private func check(
    _ step: FilterStep, _ layout: PixelLayout, _ generator: inout SeededGenerator
  ) throws {
    let image = Image.random(layout, seed: generator.next())
    let expected = SlowReference(operation: step.operation, options: step.options).apply(to: image)
    let actual = try everyWay(step, image)
    #expect(actual.layout == expected.layout)
    let tolerance = layout.sample == .float32 ? 1e-5 : 0
    let largest = max(1, expected.samples.map { abs($0) }.max() ?? 1)
    for (index, (a, b)) in zip(actual.samples, expected.samples).enumerated() {
      // Results that are stretched pass through a division, whose rounding may decide a tie.
      // So do those that are divided by alpha.
      let isDivided =
        step.options.range == .normalized || layout.hasAlpha && step.options.alpha != .straight
      let slack = isDivided && tolerance == 0 ? 1 : tolerance * largest
      if abs(a - b) > slack && !isTurn(step, abs(a - b)) {
        Issue.record("\(step) on \(layout): sample \(index) is \(a), not \(b)")
        return
      }
    }
  }

  /// An angle just below a whole turn and one just above 0 are neighbors.
  private func isTurn(_ step: FilterStep, _ distance: Double) -> Bool {
    step.options.direction == .angle && distance > 0.9999 && distance <= 1
  }

  /// The image filtered by every instruction set, on one thread, on three and as a stream: the same
  /// bytes.
  private func everyWay(_ step: FilterStep, _ image: Image) throws -> Image {
    let chain = FilterChain([step])
    let result = try chain.apply(to: image)
    let bytes = result.bytes
    for set in InstructionSet.allCases where set <= .best {
      var output = Image(layout: result.layout)
      try chain.apply(to: image, into: &output, loops: Loops.table(for: set))
      if output.bytes != bytes { Issue.record("\(step): \(set) gives other bytes") }
    }
    if try chain.apply(to: image, threads: 3).bytes != bytes {
      Issue.record("\(step) on \(image.layout): three threads give other bytes")
    }
    if try collect(chain.source(over: ImageSource(image))).bytes != bytes {
      Issue.record("\(step) on \(image.layout): the stream gives other bytes")
    }
    return result
  }
}

extension Image {
  var bytes: [UInt8] { withUnsafeBytes { Array($0) } }
}
