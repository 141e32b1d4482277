import Datasets
import Engine
import Files
import Images
import ModelFiles
import Restoration

extension DenoiseCommand {
  /// Writes the codes that an autoencoder makes of the images.
  ///
  /// - Parameter file: CSV, or JSON where its name ends so.
  func writeCodes(to file: String, _ options: PlanOptions) throws(RunError) -> ExitStatus {
    guard let name = model.model else {
      throw .usage(
        "--codes requires --model with an autoencoder, such as "
          + "'vision denoise train --network autoencoder' makes")
    }
    let path = FilePath(argument: file)
    for inputs in [
      RunInputs(models: [name]), RunInputs(results.inputs.map(FilePath.init(argument:))),
    ] {
      try inputs.requireNone(at: path, option: "--codes")
    }
    let autoencoder: Autoencoder
    do {
      autoencoder = try Autoencoder(path: ModelCatalog().path(for: name), options: options)
    } catch { throw .aborted(advised(error)) }
    var rows: [CodeRow] = []
    var hasFailures = false
    for input in results.inputs {
      let (images, warnings) = try LabeledIfPossible.images(in: input)
      Console.warn(warnings)
      if warnings.contains(where: \.isFailure) { hasFailures = true }
      let hasClasses = images.classNames.count > 1
      do {
        try autoencoder.codes(of: images) { number, code in
          switch code {
          case .success(let numbers):
            rows.append(
              CodeRow(
                path: images.names[number],
                label: hasClasses ? images.classNames[images.labels[number]] : "",
                code: numbers))
          case .failure(let error):
            Console.error("\(printable(images.names[number])): \(error)")
            hasFailures = true
          }
        }
      } catch { throw .aborted("\(error)") }
    }
    let text =
      file.lowercased().hasSuffix(".json")
      ? try encodeJSON(rows) + "\n" : CodeRow.csv(rows, size: autoencoder.codeSize)
    try writeText(text, to: path)
    StandardStream.output.write("\(path)\n")
    return hasFailures ? .partialFailure : .done
  }
}

/// The code of an image.
private struct CodeRow: Encodable {
  let path: String
  let label: String
  let code: [Float]

  /// A table: path, label, and a column for each number.
  static func csv(_ rows: [CodeRow], size: Int) -> String {
    let header = ["path", "label"] + (0..<size).map { "c\($0)" }
    let lines = rows.map { row in
      ([quoted(row.path), quoted(row.label)] + row.code.map { "\($0)" }).joined(separator: ",")
    }
    return ([header.joined(separator: ",")] + lines).joined(separator: "\n") + "\n"
  }

  private static func quoted(_ field: String) -> String {
    guard field.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return field }
    return "\"" + field.replacing("\"", with: "\"\"") + "\""
  }
}
