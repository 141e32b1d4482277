import ArgumentParser
import Files
import ModelFiles

/// What an ONNX file leaves unsaid.
struct PreprocessingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Text file (UTF-8) with one class label per line, in output order.", valueName: "file"),
    completion: .file())
  var labels: String?

  @OptionGroup var samples: NormalizationOptions

  @Option(
    help: ArgumentHelp(
      "Input size in pixels, for networks that accept any size.", valueName: "n"))
  var size: Int?

  @Option(help: ArgumentHelp("The same as --size, as torchvision says it.", valueName: "n"))
  var crop: Int?

  func validate() throws {
    for (name, side) in [("--size", size), ("--crop", crop)] {
      if let side, !Preprocessing.sides.contains(side) {
        throw ValidationError("\(name) \(side): give a whole number from 1 to 8192")
      }
    }
    if size != nil, crop != nil {
      throw ValidationError("--size and --crop are the same: give one")
    }
    if let side, let resize = samples.resize, resize < side {
      throw ValidationError(
        "--resize \(resize): expected at least the \(side) that are cropped out")
    }
  }

  /// Pixels a side of what goes in.
  var side: Int? { size ?? crop }

  /// What the options say of the input.
  var overrides: PreprocessingOverrides { samples.overrides(size: side) }

  /// What the options say of the labels.
  ///
  /// - Parameter output: the output of the network that is wanted.
  func metadata(output: String? = nil) throws(RunError) -> ModelMetadata {
    ModelMetadata(classNames: try labels.map(Self.lines), output: output)
  }

  /// The lines of a text file, a byte order mark and empty lines at the end left out.
  private static func lines(_ path: String) throws(RunError) -> [String] {
    let bytes: [UInt8]
    do throws(ReadingError) { bytes = try readFile(FilePath(argument: path)) } catch {
      throw .aborted("--labels \(error)")
    }
    let text = bytes.withoutByteOrderMark
    guard let whole = String(validating: text, as: UTF8.self) else {
      let rows = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      let row = rows.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
      let isWide = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
      throw .aborted(
        "--labels \(FilePath(argument: path)): line \(row + 1) is not UTF-8; convert the file, as with "
          + "'iconv -f \(isWide ? "utf-16" : "latin1") -t utf-8'")
    }
    var lines = whole.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .map(String.init)
    while lines.last?.isEmpty == true { lines.removeLast() }
    guard !lines.isEmpty else {
      throw .aborted("--labels \(FilePath(argument: path)): holds no labels")
    }
    var places: [String: Int] = [:]
    for (row, label) in lines.enumerated() {
      if let first = places.updateValue(row, forKey: label) {
        Console.warn(
          "lines \(first + 1) and \(row + 1) are both \"\(label)\"",
          about: "--labels \(FilePath(argument: path))")
      }
    }
    return lines
  }
}
