import Figures
import Files
import Images
import Testing

/// The pixel at (x, y), where 2 × 2 pixels are a unit.
func pixel(_ image: Image, _ x: Int, _ y: Int) -> [UInt8] {
  image.withUnsafeBytes { bytes in
    (0..<3).map { bytes[(y * image.width + x) * 3 + $0] }
  }
}

/// How many pixels fulfil a condition on red, green and blue.
func count(_ image: Image, where matches: (Int, Int, Int) -> Bool) -> Int {
  image.withUnsafeBytes { bytes in
    (0..<image.width * image.height).count { index in
      matches(Int(bytes[3 * index]), Int(bytes[3 * index + 1]), Int(bytes[3 * index + 2]))
    }
  }
}

/// An 8-bit image of one color.
func solid(_ width: Int, _ height: Int, _ color: [UInt8]) -> Image {
  var image = Image(layout: PixelLayout(width: width, height: height, channels: color.count))
  image.withUnsafeMutableBytes { bytes in
    for index in bytes.indices { bytes[index] = color[index % color.count] }
  }
  return image
}

@Suite struct LineChartTests {
  /// A letter for private use, which no font has, is named; Latin never is.
  @Test func missingLettersAreNamed() {
    #expect(MissingLetters.warning(in: ["café", "a\nb"]) == nil)
    let warning = MissingLetters.warning(in: ["a\u{10FFFD}"])
    #expect(
      warning?.hasPrefix("no installed font has \u{10FFFD}, which figures show as boxes") == true)
  }

  @Test func sizeIsTwoPixelsAUnit() throws {
    let chart = LineChart(
      title: "Loss", xLabel: "epoch", series: [.init("training", values: [3, 2, 1])])
    let image = try chart.rendered(width: 400, height: 300)
    #expect((image.width, image.height, image.channels) == (800, 600, 3))
    let both = try LineChart.rendered([chart, chart], width: 400, height: 300)
    #expect((both.width, both.height) == (800, 1200))
  }

  @Test func aFallingLineGoesFromTopLeftToBottomRight() throws {
    let image = try LineChart(
      title: "", xLabel: "", series: [.init("a", values: [1, 0])]
    ).rendered(width: 400, height: 300)
    // Blue of the first series, in the plot (below the legend).
    func isBlue(_ p: [UInt8]) -> Bool { p[0] < 40 && p[2] > 140 }
    var rows: [Int: [Int]] = [:]
    for y in 140..<600 {
      for x in 0..<800 where isBlue(pixel(image, x, y)) { rows[y, default: []].append(x) }
    }
    let first = try #require(rows.keys.min())
    let last = try #require(rows.keys.max())
    #expect(rows[first]!.max()! < 150)
    #expect(rows[last]!.min()! > 700)
  }

  @Test func gapsAreNotBridged() throws {
    // Blue pixels in each column of the plot: none where the value is not a number.
    func blueColumns(_ values: [Double]) throws -> Set<Int> {
      let image = try LineChart(
        title: "", xLabel: "", series: [.init("a", values: values)]
      ).rendered(width: 400, height: 300)
      var columns: Set<Int> = []
      for x in 0..<800 {
        for y in 140..<600 where pixel(image, x, y)[0] < 40 && pixel(image, x, y)[2] > 140 {
          columns.insert(x)
        }
      }
      return columns
    }
    let whole = try blueColumns([1, 2, 1, 2, 1, 2, 1])
    let broken = try blueColumns([1, 2, 1, .nan, 1, 2, 1])
    #expect(whole.contains(440))
    #expect(!broken.contains(440))
    #expect(broken.count < whole.count && broken.count > whole.count / 2)
  }

  @Test(arguments: [
    [], [0.5], [.nan], [.infinity, -.infinity, .nan], [1, 1, 1], [0, 0], [1e308, -1e308, 1e299],
    [1, 1 + 1e-16], [.leastNonzeroMagnitude, .leastNormalMagnitude], [-3, -1e-9, 0, 1e15],
    [.nan, 1, .nan],
  ])
  func anyValuesGiveAChart(values: [Double]) throws {
    for isLogarithmic in [false, true] {
      let chart = LineChart(
        title: "title", xLabel: "epoch", yLabel: "loss",
        series: [.init("a", values: values)], isLogarithmic: isLogarithmic)
      let image = try chart.rendered(width: 240, height: 180)
      #expect(count(image) { r, g, b in r + g + b < 300 } > 50, "no text: \(values)")
    }
  }

  @Test func anyHorizontalValuesGiveAChart() throws {
    let places: [Double] = [.nan, -1e200, 1e17, 1e17 + 16, .infinity, 3]
    let points = places.map { LineChart.Series.Point(x: $0, y: $0 / 7) }
    _ = try LineChart(title: "", xLabel: "", series: [.init("a", points: points)])
      .rendered()
  }

  @Test func manyPointsAndLongNames() throws {
    let series = (0..<20).map { number in
      LineChart.Series(
        String(repeating: "naïve 名前 \u{0} \n", count: number * 20),
        values: (0..<5_000).map { Double(($0 * 7919) % 1_000) })
    }
    let chart = LineChart(
      title: String(repeating: "W", count: 5_000),
      xLabel: String(repeating: "x", count: 999),
      series: series)
    let image = try chart.rendered()
    // Nothing but paper within the right margin: nothing ran over it.
    for y in 0..<image.height { #expect(pixel(image, image.width - 4, y) == [255, 255, 255]) }
  }

  @Test func refusesWhatCannotBeDrawn() {
    #expect(throws: FigureError.unusable("there is no chart to draw")) {
      try LineChart.rendered([])
    }
    let chart = LineChart(title: "", xLabel: "", series: [])
    #expect(throws: FigureError.self) { try chart.rendered(width: 10, height: 10) }
    #expect(throws: FigureError.self) { try chart.rendered(width: Int.max, height: Int.max) }
    #expect(throws: FigureError.tooLarge(width: 40_000, height: 400)) {
      try chart.rendered(width: 20_000, height: 200)
    }
  }
}

@Suite struct ConfusionMatrixTests {
  @Test(arguments: [1, 2, 3, 12, 13, 30, 31, 100, 151, 400])
  func anyNumberOfClasses(count: Int) throws {
    let counts = (0..<count).map { row in (0..<count).map { ($0 + row) % 3 == 0 ? $0 + 1 : 0 } }
    let matrix = ConfusionMatrix(
      title: "t", classNames: (0..<count).map { "class \($0)" }, counts: counts)
    let image = try matrix.rendered()
    #expect(image.width >= 840 && image.height > 200)
  }

  @Test func rightIsBlueWrongIsOrange() throws {
    func colors(_ counts: [[Int]]) throws -> (blue: Int, orange: Int) {
      let image = try ConfusionMatrix(title: "", classNames: ["a", "b"], counts: counts).rendered()
      return (
        count(image) { r, g, b in b > r + 60 }, count(image) { r, g, b in r > b + 60 }
      )
    }
    let right = try colors([[9, 0], [0, 9]])
    #expect(right.blue > 10_000 && right.orange == 0)
    let wrong = try colors([[0, 9], [9, 0]])
    #expect(wrong.orange > 10_000 && wrong.blue == 0)
  }

  @Test func emptyRowsAndEnormousCounts() throws {
    _ = try ConfusionMatrix(
      title: "", classNames: ["a", "b"], counts: [[0, 0], [.max, .max]]
    ).rendered()
    _ = try ConfusionMatrix(
      title: String(repeating: "long ", count: 400),
      classNames: [String(repeating: "名", count: 300), "\u{7}", ""],
      counts: [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    ).rendered()
  }

  @Test func refusesWhatDoesNotFit() {
    for (names, counts) in [
      ([], []), (["a"], []), (["a", "b"], [[1, 2], [3]]), (["a"], [[-1]]),
    ] as [([String], [[Int]])] {
      #expect(throws: FigureError.self) {
        try ConfusionMatrix(title: "", classNames: names, counts: counts).rendered()
      }
    }
  }
}

@Suite struct ContactSheetTests {
  @Test func everyLayoutShowsItsColor() throws {
    // A red picture as RGB, RGBA, 16 bit and float; transparent shows the mat below.
    var deep = Image(layout: PixelLayout(width: 3, height: 2, channels: 3, sample: .uint16))
    deep.withUnsafeMutableBytes { bytes in
      for pixel in 0..<6 { bytes.storeBytes(of: 65_535, toByteOffset: 6 * pixel, as: UInt16.self) }
    }
    var float = Image(layout: PixelLayout(width: 3, height: 2, channels: 3, sample: .float32))
    float.withUnsafeMutableBytes { bytes in
      for pixel in 0..<6 { bytes.storeBytes(of: 7, toByteOffset: 12 * pixel, as: Float.self) }
      bytes.storeBytes(of: .nan, toByteOffset: 4, as: Float.self)
    }
    for image in [solid(3, 2, [255, 0, 0]), solid(3, 2, [255, 0, 0, 255]), deep, float] {
      let sheet = try ContactSheet(items: [.init(image: image, caption: [])]).rendered()
      #expect(pixel(sheet, sheet.width / 2, sheet.height / 2) == [255, 0, 0])
    }
    let clear = try ContactSheet(
      items: [.init(image: solid(3, 3, [255, 0, 0, 0]), caption: [])]
    ).rendered()
    #expect(pixel(clear, clear.width / 2, clear.height / 2) == [244, 245, 247])
    let gray = try ContactSheet(items: [.init(image: solid(9, 9, [90]), caption: [])]).rendered()
    #expect(pixel(gray, gray.width / 2, gray.height / 2) == [90, 90, 90])
  }

  @Test func columnsAndSize() throws {
    let items = (0..<7).map { _ in ContactSheet.Item(image: solid(4, 4, [1, 2, 3]), caption: []) }
    let sheet = try ContactSheet(items: items, columns: 3, thumbnailSize: 50).rendered()
    #expect(sheet.width == 2 * (24 + 3 * 64 - 14 + 24))
    #expect(sheet.height == 2 * (24 + 3 * 64 - 14 + 24))
    #expect(pixel(sheet, 2 * 49, 2 * 49) == [1, 2, 3])
    // The last row holds one.
    #expect(pixel(sheet, 2 * (24 + 64 + 25), 2 * (24 + 2 * 64 + 25)) == [255, 255, 255])
  }

  /// One thumbnail is 50 units wide, of 2 pixels each.
  @Test func aSheetIsAsWideAsItsTitle() throws {
    func width(title: String) throws -> Int {
      try ContactSheet(
        title: title, items: [.init(image: solid(4, 4, [1]), caption: [])], thumbnailSize: 50
      ).rendered().width
    }
    #expect(try width(title: "a") == 2 * (24 + 50 + 24))
    let usual = try width(title: "1 picture, labeled by objects")
    #expect(usual > 2 * (24 + 150 + 24) && usual < 2 * (24 + 400 + 24))
    #expect(try width(title: String(repeating: "wide ", count: 200)) == 2 * (24 + 480 + 24))
  }

  @Test func rightAndWrongDifferInColor() throws {
    func sheet(_ truth: String?) throws -> Image {
      try ContactSheet(
        items: [.init(image: solid(4, 4, [128]), label: "cat", probability: 0.9, trueLabel: truth)]
      ).rendered()
    }
    func isOrange(_ r: Int, _ g: Int, _ b: Int) -> Bool { r > b + 80 }
    func isGreen(_ r: Int, _ g: Int, _ b: Int) -> Bool { g > r + 60 }
    #expect(try count(sheet("cat"), where: isGreen) > 20)
    #expect(try count(sheet("dog"), where: isOrange) > 20)
    #expect(try count(sheet(nil)) { isOrange($0, $1, $2) || isGreen($0, $1, $2) } == 0)
  }

  @Test func refusesWhatCannotBeDrawn() {
    #expect(throws: FigureError.self) { try ContactSheet(items: []).rendered() }
    let item = ContactSheet.Item(image: solid(1, 1, [0]), caption: [])
    #expect(throws: FigureError.self) {
      try ContactSheet(items: [item], thumbnailSize: .max).rendered()
    }
    #expect(throws: FigureError.self) { try ContactSheet(items: [item], columns: 0).rendered() }
    #expect(throws: FigureError.self) {
      try ContactSheet(items: Array(repeating: item, count: 5_000), columns: 2).rendered()
    }
  }
}

@Suite struct HeatmapTests {
  @Test func heatLiesWhereItBelongs() throws {
    let map = Heatmap(values: [0, 1, 0, 0], rows: 2, columns: 2)
    let image = try map.rendered(over: solid(300, 224, [100, 100, 100]))
    #expect((image.width, image.height) == (300, 224))
    let hot = pixel(image, 299, 0)
    let cold = pixel(image, 0, 223)
    #expect(hot[0] > 200 && hot[0] > hot[2])
    #expect(cold == [100, 100, 100])
  }

  @Test func smallPicturesAreEnlarged() throws {
    let image = try Heatmap(values: [0], rows: 1, columns: 1).rendered(over: solid(32, 40, [9]))
    #expect((image.width, image.height) == (224, 280))
    #expect(pixel(image, 100, 100) == [9, 9, 9])
  }

  @Test func oddValuesAreColdAndWrongCountsRefused() throws {
    let map = Heatmap(values: [.nan, -5, .infinity, 0], rows: 2, columns: 2)
    #expect(try pixel(map.rendered(over: solid(224, 224, [50])), 0, 0) == [50, 50, 50])
    #expect(throws: FigureError.self) {
      try Heatmap(values: [1], rows: 2, columns: 2).rendered(over: solid(8, 8, [0]))
    }
  }
}

@Suite struct TileGridTests {
  @Test func mapsAreStretched() throws {
    let grid = try TileGrid(
      featureMaps: [0, 1, 1, 0, 5, 5, 5, 5], channels: 2, height: 2, width: 2, title: "layer")
    let image = try grid.rendered()
    // First tile: dark, bright / bright, dark; the second, of one value, dark.
    #expect(pixel(image, 44, 130) == [0x44, 0x01, 0x54])
    #expect(pixel(image, 44 + 100, 130) == [0xFD, 0xE7, 0x25])
  }

  @Test func kernelsKeepSignAndColor() throws {
    let one = try TileGrid(
      kernels: [-1, 0, 1, 0], outputs: 1, channels: 1, height: 2, width: 2, title: "w"
    ).rendered()
    #expect(pixel(one, 44, 130) == [0x21, 0x66, 0xAC])
    #expect(pixel(one, 144, 130) == [0xF7, 0xF7, 0xF7])
    #expect(pixel(one, 44, 230) == [0xB2, 0x18, 0x2B])
    let color = try TileGrid(
      kernels: [2, -2, 0], outputs: 1, channels: 3, height: 1, width: 1, title: "w"
    ).rendered()
    #expect(pixel(color, 60, 150) == [255, 0, 128])
  }

  @Test func refusesShapesThatDoNotFit() throws {
    #expect(throws: FigureError.self) {
      try TileGrid(featureMaps: [1], channels: 1, height: 2, width: 1, title: "")
    }
    #expect(throws: FigureError.self) {
      try TileGrid(
        kernels: [], outputs: .max, channels: 2, height: .max, width: 2, title: "")
    }
    _ = try TileGrid(
      featureMaps: [.nan, .infinity], channels: 2, height: 1, width: 1, title: "", limit: 1
    ).rendered()
  }
}

@Suite struct DurationTests {
  @Test(
    arguments: [
      (0, "0 s"), (59.4, "59 s"), (59.5, "1 min 00 s"), (200, "3 min 20 s"), (7500, "2 h 05 min"),
      (.infinity, "–"), (.nan, "–"), (-1, "–"),
    ] as [(Double, String)])
  func durations(seconds: Double, text: String) {
    #expect(durationText(seconds: seconds) == text)
  }
}
