import Filters
import Foundation
import Images
import Testing

/// Every filter of the catalog from the command line, and how they are put together.
struct FilterChainTests {
  let work: Workspace

  init() throws { work = try Workspace() }

  @Test(arguments: Filter.catalog)
  func everyFilterIsAFlag(filter: Filter) throws {
    try work.write(picture(), to: "in.png")
    let argument = [filter.parameter?.example].compactMap { $0 }
    let outcome = try work.vision(
      arguments: ["filter", "--" + filter.name] + argument + ["in.png"])
    #expect(outcome.status == 0)
    #expect(outcome.output == "in.\(filter.name).png\n")
    let chain = FilterChain([try FilterStep(filter, argument.first)])
    let expected = try chain.apply(to: picture())
    let written = try work.image("in.\(filter.name).png")
    #expect(written.layout == expected.layout)
    #expect(written.bytes == expected.bytes)
  }

  @Test(arguments: Filter.catalog)
  func everyFilterIsInHelpAndList(filter: Filter) throws {
    let usage = "--" + filter.name + (filter.parameter.map { " " + $0.placeholder } ?? "")
    // A usage too long to stand beside the summary stands above it.
    let help = try work.vision("filter", "--help").output
    #expect(help.contains("\n  \(usage) ") || help.contains("\n  \(usage)\n"))
    let list = try work.vision("filter").output
    #expect(list.contains("\n\(usage) "))
    #expect(list.contains(filter.kernel))
  }

  @Test(arguments: [
    (["--border", "wrap"], FilterOptions(border: .wrap)),
    (["--border=constant:7"], FilterOptions(border: .constant(7))),
    (["--padding", "valid"], FilterOptions(padding: .valid)),
    (["--stride", "2"], FilterOptions(stride: 2)),
    (["--scale", "0.5", "--bias", "-3.5"], FilterOptions(scale: 0.5, bias: -3.5)),
    (["--scale", "1/4", "--bias", "-7/2"], FilterOptions(scale: 0.25, bias: -3.5)),
    (["--direction", "x", "--relu"], FilterOptions(relu: true, direction: .x)),
    (["--direction", "y", "--absolute"], FilterOptions(range: .absolute, direction: .y)),
    (["--normalize"], FilterOptions(range: .normalized)),
  ])
  func modifiersChangeTheFilterBeforeThem(arguments: [String], options: FilterOptions) throws {
    try work.write(picture(), to: "in.png")
    try work.vision(
      arguments: ["filter", "--blur", "--sobel"] + arguments + ["in.png", "-o", "out.png"])
    let chain = FilterChain([try FilterStep(.blur), try FilterStep(.sobel, nil, options)])
    #expect(try work.image("out.png").bytes == chain.apply(to: picture()).bytes)
  }

  @Test func filtersApplyInTheOrderOfTheCommandLine() throws {
    try work.write(picture(), to: "in.png")
    try work.vision("filter", "--sobel", "--gaussian", "2", "in.png", "-o", "edges-first.png")
    try work.vision("filter", "--gaussian", "2", "in.png", "--sobel", "-o", "blur-first.png")
    let edgesFirst = FilterChain([try FilterStep(.sobel), try FilterStep(.gaussian, "2")])
    let blurFirst = FilterChain([try FilterStep(.gaussian, "2"), try FilterStep(.sobel)])
    #expect(try work.image("edges-first.png").bytes == edgesFirst.apply(to: picture()).bytes)
    #expect(try work.image("blur-first.png").bytes == blurFirst.apply(to: picture()).bytes)
    #expect(try work.read("edges-first.png") != work.read("blur-first.png"))
  }

  @Test func aKernelIsReadFromAFileToo() throws {
    try work.write(picture(), to: "in.png")
    try work.write("1 0 -1\n2 0 -2\n1 0 -1\n", to: "sobel.txt")
    try work.write(#"{"kernel": [[1, 0, -1], [2, 0, -2], [1, 0, -1]]}"#, to: "sobel.json")
    try work.vision("filter", "--sobel", "--direction", "x", "in.png", "-o", "expected.png")
    try work.vision("filter", "--kernel", "@sobel.txt", "in.png", "-o", "text.png")
    try work.vision("filter", "--kernel", "@sobel.json", "in.png", "-o", "json.png")
    try work.vision("filter", "--kernel", "1 0 -1; 2 0 -2; 1 0 -1", "in.png", "-o", "typed.png")
    for name in ["text", "json", "typed"] {
      #expect(try work.image(name + ".png").bytes == work.image("expected.png").bytes)
    }
  }

  @Test func sixteenBitsAndAlphaSurvive() throws {
    try work.write(picture(channels: 4, sample: .uint16), to: "in.png")
    try work.vision("filter", "--blur", "in.png")
    let layout = try work.image("in.blur.png").layout
    #expect(layout.channels == 4)
    #expect(layout.sample == .uint16)
  }

  /// As some editors save text.
  @Test func aByteOrderMarkIsPassedOver() throws {
    try work.write(picture(), to: "in.png")
    try work.write("\u{FEFF}0 1 0\r\n1 1 1\r\n0 1 0\r\n", to: "cross.txt")
    let marked = try work.vision(
      "filter", "--erode", "--element", "@cross.txt", "in.png", "-o", "marked.png")
    #expect(marked.error == "")
    try work.vision("filter", "--erode", "--element", "cross", "in.png", "-o", "expected.png")
    #expect(try work.image("marked.png").bytes == work.image("expected.png").bytes)
  }
}
