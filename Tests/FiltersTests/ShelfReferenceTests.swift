import Filters
import Images
import LoopInterface
import Loops
import Testing

/// Ranks, morphology and the rest against the plainest computation, at every size from 1 to 20 and with
/// every instruction set; streamed and on several threads the same bytes.
@Suite struct ShelfReferenceTests {
  private static let instructionSets = InstructionSet.allCases.filter { $0 <= .best }

  /// A random image, with plateaus in it.
  private func image(
    _ width: Int, _ height: Int, channels: Int = 1, _ sample: SampleType = .uint8, seed: UInt64 = 1
  ) -> Image {
    let random = Image.random(
      PixelLayout(width: width, height: height, channels: channels, sample: sample),
      seed: seed &+ UInt64(width * 100 + height))
    guard sample == .uint8, (width + height) % 3 == 0 else { return random }
    return Image(random.layout, random.samples.map { ($0 / 64).rounded(.down) * 64 })
  }

  private func apply(_ step: FilterStep, to image: Image, _ set: InstructionSet = .best) throws
    -> Image
  {
    let chain = FilterChain([step])
    var output = try Image(layout: chain.outputLayout(for: image.layout))
    try chain.apply(to: image, into: &output, threads: 1, loops: Loops.table(for: set))
    return output
  }

  // MARK: Ranks

  private func slowMedian(_ image: Image, _ size: Int) -> [Double] {
    let (rows, channels) = (image.rows, image.layout.channels)
    let reach = -(size / 2)...size / 2
    var medians: [Double] = []
    for y in 0..<image.height {
      for x in 0..<image.layout.samplesPerRow {
        var window: [Double] = []
        for dy in reach {
          let row = rows[min(max(y + dy, 0), image.height - 1)]
          for dx in reach {
            let column = min(max(x / channels + dx, 0), image.width - 1)
            window.append(row[column * channels + x % channels])
          }
        }
        medians.append(window.sorted()[window.count / 2])
      }
    }
    return medians
  }

  @Test(arguments: [1, 3, 5, 7, 9, 11, 13, 15, 17, 29])
  func mediansOfEverySize(_ size: Int) throws {
    let step = try FilterStep(.median, "\(size)")
    for (width, height) in sizes(size) {
      for channels in [1, 3] {
        let image = image(width, height, channels: channels)
        let expected = slowMedian(image, size)
        for set in Self.instructionSets {
          #expect(
            try apply(step, to: image, set).samples == expected,
            "\(width) × \(height) × \(channels), \(set)")
        }
      }
    }
  }

  @Test(arguments: [SampleType.uint16, .float32], [1, 3, 5, 7, 9])
  func mediansOfOtherSamples(_ sample: SampleType, _ size: Int) throws {
    let step = try FilterStep(.median, "\(size)")
    for (width, height) in sizes(size) {
      let image = image(width, height, channels: 1, sample)
      #expect(try apply(step, to: image).samples == slowMedian(image, size), "\(width) × \(height)")
    }
  }

  /// All from 1 to 20 in one direction against some in the other; and some wider than a tile.
  private func sizes(_ window: Int) -> [(Int, Int)] {
    var sizes: [(Int, Int)] = []
    for a in 1...20 {
      sizes.append((a, 1 + a * 7 % 20))
      sizes.append((1 + a * 11 % 20, a))
    }
    return window < 17 ? sizes + [(531, 9)] : sizes.filter { ($0.0 + $0.1) % 4 == 0 }
  }

  @Test func aLargeMedianInSeveralTiles() throws {
    let image = image(301, 67)
    #expect(try apply(FilterStep(.median, "17"), to: image).samples == slowMedian(image, 17))
    // As large as it gets, the window reaches beyond everything.
    let small = self.image(9, 7)
    #expect(try apply(FilterStep(.median, "255"), to: small).samples == slowMedian(small, 255))
  }

  // MARK: Morphology

  private func slowExtreme(
    _ rows: [[Double]], _ offsets: [(dy: Int, dx: Int)], _ pick: (Double, Double) -> Double,
    outside: Double
  ) -> [[Double]] {
    rows.indices.map { y in
      rows[y].indices.map { x in
        offsets.reduce(outside) { best, offset in
          let (row, column) = (y + offset.dy, x + offset.dx)
          guard rows.indices.contains(row), rows[y].indices.contains(column) else { return best }
          return pick(best, rows[row][column])
        }
      }
    }
  }

  @Test(arguments: [
    "1", "1 1 1", "1 0 1; 0 1 0", "0 1; 1 1; 0 0; 1 0", "1 1 1 1 1 1 1 1 1 1 1 1 1",
    "1; 1", "1 1; 1 1; 1 1", "1 1 1 1; 1 1 1 1; 1 1 1 1; 1 1 1 1",
    "1 1 1 1 1; 1 1 1 1 1; 1 1 1 1 1",
    "1 1 1; 1 1 1; 1 1 1; 1 1 1; 1 1 1; 1 1 1; 1 1 1; 1 1 1",
  ])
  func elementsOfAnyForm(_ text: String) throws {
    let element = text.split(separator: ";").map { $0.split(separator: " ").map { $0 == "1" } }
    let offsets = element.indices.flatMap { y in
      element[y].indices.filter { element[y][$0] }.map { x in
        (dy: y - element.count / 2, dx: x - element[0].count / 2)
      }
    }
    let back = offsets.map { (dy: -$0.dy, dx: -$0.dx) }
    for a in 1...20 {
      let image = image(a, 1 + a * 7 % 20)
      let eroded = slowExtreme(image.rows, offsets, min, outside: 255)
      let opened = slowExtreme(eroded, back, max, outside: 0)
      let closed = slowExtreme(
        slowExtreme(image.rows, offsets, max, outside: 0), back, min, outside: 255)
      for set in Self.instructionSets {
        for (filter, expected) in [(Filter.erode, eroded), (.open, opened), (.close, closed)] {
          let step = try FilterStep(filter, modifiers: ["element": text])
          #expect(try apply(step, to: image, set).rows == expected, "\(filter.name) \(a) \(set)")
        }
      }
      #expect(zip(opened.joined(), image.samples).allSatisfy { $0 <= $1 })
      #expect(zip(closed.joined(), image.samples).allSatisfy { $0 >= $1 })
    }
  }

  /// Rows of more samples than are computed at once.
  @Test func rectanglesOverLongRows() throws {
    let image = image(1301, 7)
    let offsets = (-2...1).flatMap { dy in (-3...3).map { (dy: dy, dx: $0) } }
    let expected = slowExtreme(image.rows, offsets, min, outside: 255)
    let step = try FilterStep(.erode, modifiers: ["element-size": "7x4"])
    for set in Self.instructionSets {
      #expect(try apply(step, to: image, set).rows == expected, "\(set)")
    }
  }

  @Test(arguments: [1, 2, 3, 6, 9, 16, 31])
  func windowsOfEverySide(_ size: Int) throws {
    let offsets = (0..<size).flatMap { y in
      (0..<size).map { (dy: y - size / 2, dx: $0 - size / 2) }
    }
    for a in stride(from: 1, through: 20, by: 3) {
      for sample in [SampleType.uint8, .uint16, .float32] {
        let image = image(a, 1 + a * 7 % 20, sample)
        let smallest = slowExtreme(image.rows, offsets, min, outside: .infinity)
        #expect(try apply(FilterStep(.minimum, "\(size)"), to: image).rows == smallest)
        let largest = slowExtreme(image.rows, offsets, max, outside: -.infinity)
        #expect(try apply(FilterStep(.maximum, "\(size)"), to: image).rows == largest)
      }
    }
  }

  // MARK: Edges

  /// Canny's by the definition, hysteresis by flooding.
  private func slowCanny(_ image: Image, _ low: Double, _ high: Double) -> [Double] {
    let (width, height, channels) = (image.width, image.height, image.layout.channels)
    let rows = image.rows
    func sample(_ y: Int, _ x: Int, _ channel: Int) -> Int {
      Int(rows[min(max(y, 0), height - 1)][min(max(x, 0), width - 1) * channels + channel])
    }
    func gradient(_ y: Int, _ x: Int) -> (x: Int, y: Int, length: Int) {
      var best = (x: 0, y: 0, length: -1)
      for c in 0..<channels {
        let dx = (-1...1).reduce(0) {
          $0 + (2 - abs($1)) * (sample(y + $1, x + 1, c) - sample(y + $1, x - 1, c))
        }
        let dy = (-1...1).reduce(0) {
          $0 + (2 - abs($1)) * (sample(y + 1, x + $1, c) - sample(y - 1, x + $1, c))
        }
        if abs(dx) + abs(dy) > best.length { best = (dx, dy, abs(dx) + abs(dy)) }
      }
      return best
    }
    func length(_ y: Int, _ x: Int) -> Int {
      y >= 0 && y < height && x >= 0 && x < width ? gradient(y, x).length : 0
    }
    var codes = [Int](repeating: 0, count: width * height)
    for y in 0..<height {
      for x in 0..<width {
        let g = gradient(y, x)
        let (ax, ay) = (abs(g.x), abs(g.y) << 15)
        let isLargest: Bool
        if ay < ax * 13573 {
          isLargest = g.length > length(y, x - 1) && g.length >= length(y, x + 1)
        } else if ay > ax * (13573 + 65536) {
          isLargest = g.length > length(y - 1, x) && g.length >= length(y + 1, x)
        } else {
          let s = (g.x < 0) != (g.y < 0) ? -1 : 1
          isLargest = g.length > length(y - 1, x - s) && g.length > length(y + 1, x + s)
        }
        if isLargest, Double(g.length) > low {
          codes[y * width + x] = Double(g.length) > high ? 2 : 1
        }
      }
    }
    var edges = [Double](repeating: 0, count: width * height)
    var stack = codes.indices.filter { codes[$0] == 2 }
    while let place = stack.popLast() {
      guard edges[place] == 0 else { continue }
      edges[place] = 255
      for y in max(0, place / width - 1)...min(height - 1, place / width + 1) {
        for x in max(0, place % width - 1)...min(width - 1, place % width + 1)
        where codes[y * width + x] > 0 { stack.append(y * width + x) }
      }
    }
    return edges
  }

  @Test(arguments: [1, 3])
  func cannyAtEverySize(_ channels: Int) throws {
    let step = try FilterStep(.canny, "200,420")
    for (width, height) in sizes(3) where width * height < 500 || channels == 1 {
      let image = image(width, height, channels: channels)
      let expected = slowCanny(image, 200, 420)
      for set in Self.instructionSets {
        #expect(try apply(step, to: image, set).samples == expected, "\(width) × \(height), \(set)")
      }
    }
  }

  @Test func zeroCrossingsAreWhereTheSignChanges() throws {
    let image = Image(
      gray: (0..<9).map { _ in (0..<12).map { $0 < 6 ? 40.0 : 200.0 } })
    let step = try FilterStep(.log, "1", modifiers: ["zero-crossings": "5"])
    // The sign is negative on the bright side of the edge, where the mark belongs.
    let result = try FilterChain([step]).apply(to: image)
    for row in result.rows { #expect(row == (0..<12).map { $0 == 6 ? 255 : 0 }) }
    let insensitive = try FilterStep(.log, "1", modifiers: ["zero-crossings": "500"])
    #expect(try FilterChain([insensitive]).apply(to: image).samples.allSatisfy { $0 == 0 })
  }

  // MARK: Noise

  @Test func noiseHasItsMeanDeviationAndPlace() throws {
    let gray = Image(
      PixelLayout(width: 300, height: 200, channels: 1), Array(repeating: 128, count: 60_000))
    let noisy = try apply(FilterStep(.noise, "10"), to: gray).samples.map { $0 - 128 }
    let mean = noisy.reduce(0, +) / 60_000
    let deviation = (noisy.reduce(0) { $0 + $1 * $1 } / 60_000).squareRoot()
    #expect(abs(mean) < 0.2 && abs(deviation - 10) < 0.15, "\(mean), \(deviation)")
    // Of a normal distribution 4.55 % lie beyond two deviations.
    let beyond = Double(noisy.filter { abs($0) > 20 }.count) / 60_000
    #expect(abs(beyond - 0.04) < 0.005, "\(beyond)")
    let other = try FilterStep(.noise, "10", modifiers: ["seed": "1"])
    #expect(try apply(other, to: gray).samples.map { $0 - 128 } != noisy)

    let salted = try apply(FilterStep(.saltPepper, "0.1"), to: gray).samples
    let (black, white) = (salted.filter { $0 == 0 }.count, salted.filter { $0 == 255 }.count)
    #expect(abs(black - 3000) < 200 && abs(white - 3000) < 200, "\(black), \(white)")
  }

  // MARK: All of them

  /// Streamed, on three threads and with alpha, which stays, the result is the same.
  @Test(arguments: Filter.catalog.filter { $0.parameter == nil || $0.parameter?.example != "64" })
  func rowsAndThreadsGiveTheSameBytes(_ filter: Filter) throws {
    let step = try FilterStep(filter, filter.parameter?.example)
    for channels in 1...4 {
      let image = Image.random(PixelLayout(width: 45, height: 71, channels: channels), seed: 3)
      let chain = FilterChain([step])
      let whole = try chain.apply(to: image)
      #expect(try chain.apply(to: image, threads: 3) == whole, "\(channels)")
      let streamed = try collect(chain.source(over: ImageSource(image)), rowsAtATime: 5)
      #expect(streamed.samples == whole.samples, "\(channels)")
    }
  }
}
