import ArgumentParser
import ModelFiles

/// What samples become before a network from elsewhere sees them.
struct SampleOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      What samples become: imagenet (torchvision's mean and deviation), unit (0 to 1), symmetric \
      (-1 to 1) or bytes (0 to 255).
      """, valueName: "name"))
  var preprocess: Normalization?

  @Option(
    help: ArgumentHelp(
      "Subtracted from samples of 0 to 1: one number, or one a channel.", valueName: "m,m,m"))
  var mean: ChannelNumbers?

  @Option(
    help: ArgumentHelp(
      "What they are then divided by: one number, or one a channel.", valueName: "d,d,d"))
  var std: ChannelNumbers?

  func validate() throws {
    if preprocess != nil, mean != nil || std != nil {
      throw ValidationError(
        "--preprocess says what --mean and --std do: leave out one or the other")
    }
    if let std, std.numbers.contains(0) { throw ValidationError("--std: 0 cannot be divided by") }
  }

  /// Whether anything was said.
  var areGiven: Bool { preprocess != nil || mean != nil || std != nil }

  /// What the options say.
  ///
  /// - Parameter size: pixels a side, where they are known.
  func overrides(size: Int?) -> PreprocessingOverrides {
    PreprocessingOverrides(
      width: size, height: size, mean: preprocess?.mean ?? mean?.numbers ?? std.map { _ in [0] },
      std: preprocess?.std ?? std?.numbers ?? mean.map { _ in [1] })
  }
}

extension Normalization: ExpressibleByArgument {}

/// Numbers with commas between them: one, or one a channel.
struct ChannelNumbers: ExpressibleByArgument {
  let numbers: [Float]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    numbers = parts.compactMap { Float($0) }.filter(\.isFinite)
    guard numbers.count == parts.count, [1, 3].contains(numbers.count) else { return nil }
  }
}
