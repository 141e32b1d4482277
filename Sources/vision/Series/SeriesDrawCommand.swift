import ArgumentParser
import Datasets
import Files
import Images
import ModelFiles

/// `vision series draw`: series as images, as `vision train --as` shows them to a network.
struct SeriesDrawCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "draw",
    abstract: "Writes series as images.",
    usage: "vision series draw <data> --as bars|gaf|recurrence -o <dir> [<options>]",
    discussion: """
      DATA is a .ts file or a table of numbers with a column class. Each series becomes DIR/CLASS/NUMBER.png, \
      its channels below each other, scaled by mean and standard deviation of all: bars from -3 to 3 standard \
      deviations; a Gramian angular field, -1 black, 1 white; a recurrence plot, black where the values of two \
      steps are equal. Longer series are averaged to the image's width, shorter ones drawn with straight lines.

      Examples:
        vision series draw GunPoint_TRAIN.ts --as gaf -o fields/
        vision series draw loads.csv --as bars --size 96 -o bars/
      """)

  @Argument(help: ArgumentHelp("The series.", valueName: "data"), completion: .file())
  var data: String

  @Option(
    name: .customLong("as"), help: "What is drawn: bars, gaf or recurrence.",
    completion: .list(SeriesImage.Kind.allCases.map(\.rawValue)))
  var kind: SeriesImage.Kind

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Output directory, created if missing.", valueName: "dir"),
    completion: .directory)
  var output: String

  @Option(help: ArgumentHelp("Width and height in pixels.", valueName: "n"))
  var size = 64

  func validate() throws {
    guard SeriesImage.sides.contains(size) else {
      throw ValidationError("--size \(size): expected 8 to 512")
    }
  }

  func run() throws {
    let content: SequenceSplits.Content?
    do throws(DatasetError) { content = try SequenceSplits(path: data)?.training } catch {
      throw RunError(error)
    }
    guard case .series(let series) = content else {
      throw RunError.aborted(
        "\(data): holds no series (.ts, or a table with a column of classes)")
    }
    let scale = SeriesPreprocessing(of: series.elements)
    let image = SeriesImage(kind, side: size)
    let folder = FilePath(argument: output)
    let digits = "\(series.count)".count
    for (index, element) in series.elements.enumerated() {
      // A class's name is any text.
      let name = series.classNames[series.labels[index]].replacing("/", with: "_")
      let number = "\(index + 1)"
      let padded = String(repeating: "0", count: digits - number.count) + number
      let path = folder.appending("\(name == "." || name == ".." ? "_" : name)/\(padded).png".utf8)
      try createDirectory(path.parent)
      try writeImage(image.image(of: scale.normalized(element)), to: path)
    }
    StandardStream.output.write(
      "\(series.count) images of \(size)×\(size) pixels in \(output)" + "\n")
  }
}

extension SeriesImage.Kind: ExpressibleByArgument {}
