import ArgumentParser
import ModelFiles

/// How samples are normalized for a network from elsewhere.
struct NormalizationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Input normalization: imagenet (torchvision's mean and std), unit (0 to 1), symmetric (-1 to 1) \
      or bytes (0 to 255).
      """, valueName: "name"))
  var preprocess: Normalization?

  @Option(
    help: ArgumentHelp(
      "Mean to subtract, for pixel values in 0 to 1: one number, or one per channel.",
      valueName: "mean"))
  var mean: ChannelNumbers?

  @Option(
    help: ArgumentHelp(
      "Standard deviation to divide by: one number, or one per channel.", valueName: "std"))
  var std: ChannelNumbers?

  @Option(
    help: ArgumentHelp(
      """
      How images of another shape are fitted: crop (the center), stretch, or pad (with black).
      """, valueName: "how"))
  var fit: Preprocessing.ResizeMode?

  @Option(
    help: ArgumentHelp(
      "Resize the shorter side to n pixels before the center is cropped out, as torchvision does.",
      valueName: "n"))
  var resize: Int?

  @Option(
    help: ArgumentHelp(
      "How pixels are interpolated when images are resized: linear or cubic.", valueName: "how"))
  var interpolation: Preprocessing.Interpolation?

  @Option(help: ArgumentHelp("The order of the channels: rgb or bgr.", valueName: "order"))
  var channels: Preprocessing.ChannelOrder?

  func validate() throws {
    if let resize {
      guard Preprocessing.sides.contains(resize) else {
        throw ValidationError("--resize \(resize): give a whole number from 1 to 8192")
      }
      guard [nil, .centerCrop].contains(fit) else {
        throw ValidationError("--resize crops the center: leave out --fit")
      }
    }
    if preprocess != nil, mean != nil || std != nil {
      throw ValidationError(
        "--preprocess already sets --mean and --std; use one or the other")
    }
    if let std, std.numbers.contains(0) { throw ValidationError("--std: must not be 0") }
  }

  /// Whether anything was said.
  var areGiven: Bool {
    preprocess != nil || mean != nil || std != nil || fit != nil || resize != nil
      || interpolation != nil || channels != nil
  }

  /// What the options say.
  ///
  /// - Parameter size: pixels a side, where they are known.
  func overrides(size: Int?) -> PreprocessingOverrides {
    // The numbers of a name are for RGB; those that are given are in the network's own order.
    func ordered(_ numbers: [Float]?) -> [Float]? {
      channels == .bgr ? numbers?.reversed() : numbers
    }
    return PreprocessingOverrides(
      width: size, height: size, resizeMode: fit ?? resize.map { _ in .centerCrop },
      shorterSide: resize, interpolation: interpolation, channelOrder: channels,
      mean: ordered(preprocess?.mean) ?? mean?.numbers ?? std.map { _ in [0] },
      std: ordered(preprocess?.std) ?? std?.numbers ?? mean.map { _ in [1] })
  }
}

extension Normalization: ExpressibleByArgument {}
extension Preprocessing.ResizeMode: ExpressibleByArgument {}
extension Preprocessing.Interpolation: ExpressibleByArgument {}
extension Preprocessing.ChannelOrder: ExpressibleByArgument {}

/// Numbers with commas between them: one, or one per channel.
struct ChannelNumbers: ExpressibleByArgument {
  let numbers: [Float]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    numbers = parts.compactMap { Float($0) }.filter(\.isFinite)
    guard numbers.count == parts.count, [1, 3].contains(numbers.count) else { return nil }
  }
}
