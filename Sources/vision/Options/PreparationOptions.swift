import ArgumentParser
import FoundationEssentials
import Training

/// What an ONNX file leaves unsaid.
struct PreparationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A text file with a label a line, in the order of the outputs.", valueName: "file"),
    completion: .file())
  var labels: String?

  @Option(
    help: ArgumentHelp(
      """
      What samples become: imagenet (torchvision's mean and deviation), unit (0 to 1), symmetric \
      (-1 to 1) or bytes (0 to 255).
      """, valueName: "name"))
  var preprocess: Preparation.Samples?

  @Option(
    help: ArgumentHelp(
      "Subtracted from samples of 0 to 1: one number, or one a channel.", valueName: "m,m,m"))
  var mean: ChannelNumbers?

  @Option(
    help: ArgumentHelp(
      "What they are then divided by: one number, or one a channel.", valueName: "d,d,d"))
  var std: ChannelNumbers?

  @Option(
    help: ArgumentHelp(
      "Pixels a side, where the network takes pictures of any size.", valueName: "n"))
  var size: Int?

  func validate() throws {
    if preprocess != nil, mean != nil || std != nil {
      throw ValidationError(
        "--preprocess says what --mean and --std do: leave out one or the other")
    }
    if let size, !(1...8192).contains(size) {
      throw ValidationError("--size \(size): give a whole number from 1 to 8192")
    }
    if let std, std.numbers.contains(0) { throw ValidationError("--std: 0 cannot be divided by") }
  }

  /// What the options say.
  func preparation() throws(RunError) -> Preparation {
    Preparation(
      classNames: try labels.map(Self.lines),
      input: Preparation.Input(
        width: size, height: size, mean: preprocess?.mean ?? mean?.numbers ?? std.map { _ in [0] },
        deviation: preprocess?.deviation ?? std?.numbers ?? mean.map { _ in [1] }))
  }

  /// The lines of a text file, empty ones at the end left out.
  private static func lines(_ path: String) throws(RunError) -> [String] {
    guard let data = try? FoundationEssentials.Data(contentsOf: URL(filePath: path)) else {
      throw .stopped("\(path): cannot be read")
    }
    var lines = String(decoding: data, as: UTF8.self).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline
    ).map(String.init)
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }
}

extension Preparation.Samples: ExpressibleByArgument {}

/// Numbers with commas between them: one, or one a channel.
struct ChannelNumbers: ExpressibleByArgument {
  let numbers: [Float]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    numbers = parts.compactMap { Float($0) }.filter(\.isFinite)
    guard numbers.count == parts.count, [1, 3].contains(numbers.count) else { return nil }
  }
}
