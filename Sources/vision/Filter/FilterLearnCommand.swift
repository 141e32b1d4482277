import ArgumentParser
import Files
import Filters
import Images

/// `vision filter learn`: the kernel that turns one image into another.
struct FilterLearnCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "learn",
    // It is parsed as a root of its own: see ``Main``.
    _superCommandName: "vision filter",
    abstract: "Estimates a kernel from an image before and after.",
    usage: "vision filter learn --before <image> --after <image> [<options>]",
    discussion: """
      Minimizes the squared difference between the filtered --before image and the --after image by \
      conjugate gradients, then prints the kernel and the remaining error.

      Examples:
        vision filter learn --before a.png --after b.png --size 3 -o kernel.json
        vision filter --kernel @kernel.json photo.png
      """)

  @Option(
    help: ArgumentHelp("The unfiltered image.", valueName: "image"), completion: .file())
  var before: String

  @Option(
    help: ArgumentHelp("The same image after filtering.", valueName: "image"),
    completion: .file())
  var after: String

  @Option(help: ArgumentHelp("Kernel size (k × k).", valueName: "k"))
  var size = 3

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Save the kernel for --kernel @file; - for standard output.", valueName: "file"),
    completion: .file())
  var output: String?

  @OptionGroup(title: "Decoding") var reading: DecodingOptions

  func validate() throws {
    guard (1...31).contains(size) else {
      throw ValidationError("--size \(size): give a whole number from 1 to 31")
    }
  }

  func run() throws {
    let path = output.map(FilePath.init(argument:))
    if let path {
      try RunInputs(arguments: before, after).requireNone(at: path, option: "-o")
    }
    let images = try [before, after].map { argument in try load(FilePath(argument: argument)) }
    let learned: LearnedKernel
    do throws(FilterError) {
      let progress = Progress(total: 100)
      learned = try Kernel.learned(from: images[0], to: images[1], size: size) {
        progress?.show(done: Int(100 * $0))
      }
      progress?.clear()
    } catch {
      throw RunError.failed("\(FilePath(argument: before)), \(FilePath(argument: after)): \(error)")
    }
    guard let path else {
      return StandardStream.output.write(description(of: learned))
    }
    if path.isStandardStream {
      return StandardStream.output.write(learned.kernel.json)
    }
    try writeText(learned.kernel.json, to: path)
    StandardStream.output.write(description(of: learned))
    StandardStream.error.write("saved to \(path)\n")
  }

  private func load(_ path: FilePath) throws(RunError) -> Image {
    do {
      return try Input(named: path).withReader(reading.readOptions) { reader in
        try reading.readOptions.limits.checkMemory(
          reader.layout.byteCount, for: "an image of this size in memory")
        return try Image(reading: reader)
      }
    } catch {
      throw .failed("\(path): \(error)")
    }
  }

  private func description(of learned: LearnedKernel) -> String {
    let cells = learned.kernel.rows.map { row in row.map { fourDecimals($0 * learned.kernel.scale) }
    }
    let width = cells.joined().map(\.count).max() ?? 0
    let rows = cells.map { row in
      row.map { String(repeating: " ", count: width + 2 - $0.count) + $0 }.joined()
    }
    return """
      \(learned.kernel.rows.count) × \(learned.kernel.rows.count) kernel
      \(rows.joined(separator: "\n"))
      bias             \(fourDecimals(learned.kernel.bias))
      RMSE             \(fourDecimals(learned.error)) (in sample units)
      iterations       \(learned.steps)

      """
  }
}

/// A number with four digits behind the point, and no sign at nothing.
private func fourDecimals(_ value: Double) -> String {
  guard value.magnitude < 1e12 else { return "\(value)" }
  let tenThousandths = Int((value.magnitude * 10_000).rounded())
  let fraction = String(10_000 + tenThousandths % 10_000).dropFirst()
  return (value < 0 && tenThousandths > 0 ? "-" : "") + "\(tenThousandths / 10_000).\(fraction)"
}
