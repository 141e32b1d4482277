import ArgumentParser
import ModelFiles

/// What an ONNX file leaves unsaid.
struct PreparationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A text file with a label a line, in the order of the outputs.", valueName: "file"),
    completion: .file())
  var labels: String?

  @OptionGroup var samples: SampleOptions

  @Option(
    help: ArgumentHelp(
      "Pixels a side, where the network takes pictures of any size.", valueName: "n"))
  var size: Int?

  func validate() throws {
    if let size, !Preprocessing.sides.contains(size) {
      throw ValidationError("--size \(size): give a whole number from 1 to 8192")
    }
  }

  /// What the options say of the input.
  var overrides: PreprocessingOverrides { samples.overrides(size: size) }

  /// What the options say of the labels.
  func metadata() throws(RunError) -> ModelMetadata {
    ModelMetadata(classNames: try labels.map(Self.lines))
  }

  /// The lines of a text file, empty ones at the end left out.
  private static func lines(_ path: String) throws(RunError) -> [String] {
    let bytes: [UInt8]
    do throws(ReadingError) { bytes = try readFile(FilePath(argument: path)) } catch {
      throw .stopped("--labels \(error)")
    }
    var lines = String(decoding: bytes, as: UTF8.self).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline
    ).map(String.init)
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }
}
