import Engine
import Filters
import Foundation
import Images
import ModelFiles
import Networks
import Tensors
import TestSupport
import Testing
import Training

/// The documents say what the code says, and their code does what they say.
struct DocumentationTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private static func files(_ folder: String, ending: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: root.appendingPathComponent(folder).path)
      .filter { $0.hasSuffix(ending) }.map { "\(folder)/\($0)" }.sorted()
  }

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// Lines without what they are indented by.
  private static func unindented(_ text: some StringProtocol) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.drop { $0 == " " } }.joined(separator: "\n")
  }

  /// Every block of Swift in a document stands, word for word, in a file that is compiled.
  @Test func codeInDocumentsIsCompiled() throws {
    let documents =
      ["README.md", "CONTRIBUTING.md"] + (try Self.files("Documentation", ending: ".md"))
    let folders = ["Tests/DocumentationTests", "Examples/Sources", "Sources"]
    let compiled = try folders.flatMap { try Self.files($0, ending: ".swift") }
      .map { Self.unindented(try Self.text($0)) }
    var blocks = 0
    for document in documents {
      let text = Self.unindented(try Self.text(document))
      for part in text.components(separatedBy: "```swift\n").dropFirst() {
        let block = part.components(separatedBy: "\n```")[0]
        blocks += 1
        #expect(compiled.contains { $0.contains(block) }, "\(document): \(block.prefix(200))")
      }
    }
    #expect(blocks > 15)
  }

  /// Each module has its article, or is spoken of in another one.
  @Test func everyRoomIsDescribed() throws {
    let articles = try Self.files("Documentation", ending: ".md").map(Self.text).joined()
    for room in [
      "Files", "Images", "Filters", "Loops", "Figures", "Tensors", "Graphs", "Networks", "Models",
      "Engine",
      "Datasets", "ModelFiles", "ONNX", "Training", "Classification", "Generation", "Restoration",
      "Forecasting", "Segmentation", "Serving",
    ] {
      #expect(articles.contains("`\(room)`") || articles.contains("# \(room)\n"), "\(room)")
    }
  }

  // MARK: - The tutorial

  /// A gray picture whose right half is brighter.
  private let step: Image = {
    var image = Image(layout: PixelLayout(width: 6, height: 4, channels: 1))
    image.withUnsafeMutableBytes { bytes in
      for index in bytes.indices { bytes[index] = index % 6 < 3 ? 50 : 60 }
    }
    return image
  }()

  @Test func reliefRaisesEdges() throws {
    let chain = FilterChain([try FilterStep(.relief)])
    let row = try chain.apply(to: step).withUnsafeBytes { Array($0[6..<12]) }
    // The kernel's columns sum to -3, 1 and 3.
    #expect(row == [50, 50, 80, 90, 60, 60])
    #expect(try relief(of: step).layout == step.layout)
    #expect(throws: FilterError.self) { try FilterStep(.strongRelief, "much") }
  }

  @Test func reliefIsWrittenRowByRow() throws {
    let folder = TemporaryFolder()
    let (input, output) = (folder.path + "/in.png", folder.path + "/out.png")
    try step.write(path: input)
    try writeRelief(of: input, to: output)
    let whole = try FilterChain([FilterStep(.relief)]).apply(to: step)
    #expect(try Image(path: output) == whole)
  }

  @Test func aLayerOfOnesOwnScales() throws {
    #expect(try scaledOnes() == Tensor([1, 3, 2, 2], repeating: 0.25))
    let row = try scaled.summary().layers[1]
    #expect(row.name == "scale1" && row.parameters == 16 && row.output == [6, 6, 16])
    #expect(throws: NetworkError.self) { try Network(input: [3]) { ChannelScale() }.summary() }
  }

  @Test func aModelOfOnesOwnLearns() throws {
    let folder = TemporaryFolder()
    #expect(try trainStripes(into: folder.path + "/run") == .complete)
    let asked = [stripes(upright: true, period: 6), stripes(upright: false, period: 9)]
    #expect(try ask(folder.path + "/run", about: asked) == ["upright", "lying"])
  }

  @Test func aTaskOfOnesOwnIsLearned() throws {
    let folder = TemporaryFolder()
    #expect(try fitLine(into: folder.path + "/run") == .complete)
    let line = try ModelFile(path: folder.path + "/run/best.safetensors").tensors
    #expect(abs(try #require(line["dense1.weight"]).scalars[0] - 2) < 0.01)
    #expect(abs(try #require(line["dense1.bias"]).scalars[0] - 1) < 0.01)
  }

  // MARK: - The rooms

  @Test func roomExamplesRun() throws {
    #expect(try slope() == [3])
    #expect(try table().contains("122,570"))
    #expect(try chart(of: [2, 1, 0.5]).width == 2 * 640)
    #expect(try edges(of: step).layout == step.layout)
    let folder = TemporaryFolder()
    try step.write(path: folder.path + "/step.png")
    #expect(try thumbnail(of: folder.path + "/step.png").width == 64)
  }
}
