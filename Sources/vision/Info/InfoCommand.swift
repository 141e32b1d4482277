import ArgumentParser
import FoundationEssentials
import Images

/// `vision info`: what image files hold.
struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Shows what image files hold, or their pixels.",
    usage: "vision info [<options>] <input> ...",
    discussion: """
      Examples:
        vision info photo.jpg
        vision info --json photos/
        vision info --matrix digit.png
        vision info --matrix --crop 100,80,8,8 photo.png
      """)

  @Argument(
    help: ArgumentHelp(
      "Images, directories of images, or - for standard input.", valueName: "input"),
    completion: .file())
  var inputs: [String]

  @Flag(
    help: "Print the matrix of pixel values, one for each channel, as an upright image shows them.")
  var matrix = false

  @Option(help: ArgumentHelp("Print only this part of the matrix.", valueName: "x,y,w,h"))
  var crop: Crop?

  @Flag(help: "Print a JSON array with one object for each image.")
  var json = false

  @OptionGroup(title: "Decoding") var reading: DecodingOptions

  func run() throws {
    let finder = InputFinder(inputs.map(FilePath.init(argument:)))
    try finder.requireInputs()
    let report = BatchReport(
      finder.inputs, failures: finder.failures, skipped: finder.foreignFormats)
    var objects: [ImageInfoReport] = []
    for (index, input) in finder.inputs.enumerated() {
      do {
        let (facts, warnings) = try examine(input)
        objects.append(facts)
        report.finish(index, .done(json ? nil : facts.text, warnings: warnings))
      } catch {
        report.finish(index, .failed("\(error)"))
      }
    }
    if json { StandardStream.output.write(try encodeJSON(objects) + "\n") }
    let status = report.close(verb: "examined")
    if status != .done { throw status }
  }

  private func examine(_ input: Input) throws -> (ImageInfoReport, warnings: [String]) {
    try input.withReader(reading.readOptions) { reader in
      var facts = ImageInfoReport(input.path, reader.info, upright: reader.layout)
      if matrix || crop != nil {
        facts.matrix = try PixelMatrix(reader, crop: crop)
      }
      return (facts, reader.warnings)
    }
  }
}

/// A rectangle inside an image, typed as `x,y,w,h`.
struct Crop: ExpressibleByArgument {
  let x, y, width, height: Int

  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 4, let x = numbers[0], let y = numbers[1], let width = numbers[2],
      let height = numbers[3], x >= 0, y >= 0, width > 0, height > 0
    else { return nil }
    (self.x, self.y, self.width, self.height) = (x, y, width, height)
  }
}
