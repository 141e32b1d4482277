import ArgumentParser
import Images

/// How images are read; shared by every command that reads some.
struct DecodingOptions: ParsableArguments {
  @Flag(help: "Take what can be had of a file that is cut off or damaged, with a warning.")
  var lenient = false

  @Option(help: ArgumentHelp("Refuse images of more pixels.", valueName: "n"))
  var maxPixels = Quantity(Limits.standard.maximumPixels)

  @Option(help: ArgumentHelp("Refuse images that need more memory.", valueName: "bytes"))
  var maxMemory = ByteCount(Limits.standard.maximumBytes)

  var readOptions: ReadOptions {
    ReadOptions(
      limits: Limits(maximumPixels: maxPixels.value, maximumBytes: maxMemory.value),
      lenient: lenient)
  }
}

extension Quantity: CustomStringConvertible {
  /// As it is typed: `100M`.
  var description: String {
    for (power, suffix) in [(1_000_000_000, "G"), (1_000_000, "M"), (1000, "k")]
    where value % power == 0 {
      return "\(value / power)\(suffix)"
    }
    return "\(value)"
  }
}

extension ByteCount: CustomStringConvertible {
  /// As it is typed: `512M`.
  var description: String {
    for (shift, suffix) in [(30, "G"), (20, "M"), (10, "K")] where value % (1 << shift) == 0 {
      return "\(value >> shift)\(suffix)"
    }
    return "\(value)"
  }
}
