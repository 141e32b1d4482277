import Filters
import Images
import Testing

@Suite struct CatalogTests {
  @Test func namesAreDistinctAndFound() {
    #expect(Set(Filter.catalog.map(\.name)).count == Filter.catalog.count)
    for filter in Filter.catalog { #expect(Filter.named(filter.name) == filter) }
    #expect(Filter.named("nosuch") == nil)
  }

  @Test(arguments: Filter.catalog)
  func everyFilterSaysWhatItIsAndRunsOnEverySample(_ filter: Filter) throws {
    for text in [filter.name, filter.summary, filter.kernel, filter.normalization, filter.range] {
      #expect(!text.isEmpty && !text.contains("\n"))
    }
    let argument = filter.parameter?.example
    for sample in [SampleType.uint8, .uint16, .float32] {
      for channels in 1...4 {
        let layout = PixelLayout(width: 9, height: 7, channels: channels, sample: sample)
        let chain = FilterChain([try FilterStep(filter, argument)])
        let image = Image.random(layout, seed: 1)
        let output = try chain.apply(to: image)
        if filter.name != "trim" {
          #expect(try output.layout == chain.outputLayout(for: layout))
        }
        #expect(try collect(chain.source(over: ImageSource(image))).bytes == output.bytes)
      }
    }
  }

  @Test func kernelsReadAsTheyAreDeclared() {
    #expect(Filter.sharpen.kernel == "0 -1 0 / -1 5 -1 / 0 -1 0")
    #expect(Filter.blur.kernel == "1 2 1 / 2 4 2 / 1 2 1 × 1/16")
    #expect(Filter.laplacian.range == "-1020…1020")
    #expect(Filter.sobel.kernel == "x: 1 0 -1 / 2 0 -2 / 1 0 -1; y: its transpose")
  }

  @Test(arguments: [
    ("box", "0", "box size 0: give a whole number from 1 to 65535"),
    ("box", "2.5", "box size 2.5: give a whole number from 1 to 65535"),
    (
      "box", "99999999999999999999",
      "box size 99999999999999999999: give a whole number from 1 to 65535"
    ),
    ("gaussian", "0", "gaussian sigma 0: give a number above 0, up to 1000"),
    ("gaussian", "nan", "gaussian sigma nan: give a number above 0, up to 1000"),
    ("max-pool", "2x", "pooling window 2x: give W or WxH, whole numbers from 1 to 65535"),
    ("kernel", "", "the kernel is empty"),
    ("kernel", "1 0; 1", "kernel row 2 has 1 weights, row 1 has 2; give every row the same number"),
    (
      "kernel", "1 x",
      "kernel row 1, column 2: \"x\" is not a number; give numbers as 1, -0.5 or 1/9"
    ),
    (
      "kernel", "1/0",
      "kernel row 1, column 1: \"1/0\" is not a number; give numbers as 1, -0.5 or 1/9"
    ),
    ("sobel", "3", "sobel takes no argument, given \"3\""),
  ])
  func badArgumentsAreToldInOneLine(_ name: String, _ argument: String, _ message: String) throws {
    let filter = try #require(Filter.named(name))
    do {
      _ = try FilterStep(filter, argument)
      Issue.record("\(name) \(argument) was taken")
    } catch {
      #expect("\(error)" == message)
    }
  }

  /// The catalog reads text; a program may hand in anything.
  @Test(arguments: [
    Operation.box(size: 0), .box(size: -3), .box(size: .max), .gaussian(sigma: .nan),
    .gaussian(sigma: 0), .gaussian(sigma: .infinity), .gaussian(sigma: 1e9),
    .pool(.max, width: 0, height: 2), .pool(.sum, width: 2, height: .max),
    .gradient(smooth: [1, 2, 3, 2, 1], derive: [1, 0, -1]),
    .gradient(smooth: [1, 1], derive: [1, -1]), .gradient(smooth: [], derive: []),
  ])
  func impossibleOperationsAreRefused(_ operation: Operation) throws {
    let chain = FilterChain([try FilterStep(Filter("own", operation, summary: "impossible"))])
    let layout = PixelLayout(width: 9, height: 7, channels: 1)
    do {
      _ = try chain.outputLayout(for: layout)
      Issue.record("\(operation) was taken")
    } catch {
      guard case .badArgument = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test(arguments: [
    (1.0, "none"), (3, "3"), (0.25, "1/4"), (0.3, "0.3"), (-1, "-1"), (-0.5, "1/-2"), (0, "0"),
  ])
  func scalesAreWrittenAsTheyAre(_ scale: Double, _ text: String) {
    let filter = Filter("own", .kernel([[1]], scale: scale), summary: "scaled")
    #expect(filter.normalization == text)
    #expect(filter.kernel == (scale == 1 ? "1" : "1 × \(text)"))
  }

  @Test func kernelTextHasFractionsCommasAndLines() throws {
    let ninths = try Kernel(text: "1/9, 1/9 1/9\n1/9 1/9 1/9;1/9 1/9 1/9\n\n")
    #expect(ninths.rows == Array(repeating: [1, 1, 1], count: 3))
    #expect(ninths.scale == 1.0 / 9)
    #expect(try Kernel(text: "1/2 0.25").rows == [[0.5, 0.25]])
  }

  @Test func kernelFilesAreReadAgain() throws {
    let kernel = try Kernel(rows: [[0.1, -2], [1e-7, 3]], bias: 1.5)
    #expect(try Kernel(file: Array(kernel.json.utf8)) == kernel)
    #expect(try Kernel(file: Array("1 2\n3 4\n".utf8)).rows == [[1, 2], [3, 4]])
    for bad in ["{", "{\"kernel\": 3}", "{\"kernel\": []}", "{\"kernel\": [[1], [1, 2]]}"] {
      #expect(throws: FilterError.self) { try Kernel(file: Array(bad.utf8)) }
    }
    #expect(throws: FilterError.self) { try Kernel(file: [0xff, 0xfe]) }
  }

  @Test func bordersAreReadAsTheyAreTyped() throws {
    for text in ["reflect101", "replicate", "reflect", "wrap", "constant:12.5"] {
      #expect(try Border(text).description == text)
    }
    for text in ["", "mirror", "constant", "constant:", "constant:x", "constant:inf"] {
      #expect(throws: FilterError.self) { try Border(text) }
    }
  }

  @Test func optionsWithoutMeaningAreRefused() throws {
    let layout = PixelLayout(width: 4, height: 4, channels: 1)
    let cases: [(Filter, String?, FilterOptions)] = [
      (.box, "3", FilterOptions(direction: .x)), (.maxPool, "2", FilterOptions(padding: .same)),
      (.gray, nil, FilterOptions(bias: 1)), (.sobel, nil, FilterOptions(stride: 0)),
      (.sobel, nil, FilterOptions(scale: .nan)), (.box, "5", FilterOptions(padding: .valid)),
      (.maxPool, "5", FilterOptions()),
    ]
    for (filter, argument, options) in cases {
      let chain = FilterChain([try FilterStep(filter, argument, options)])
      #expect(throws: FilterError.self) { try chain.outputLayout(for: layout) }
    }
  }
}
