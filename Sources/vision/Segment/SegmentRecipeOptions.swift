import ArgumentParser
import Datasets
import Engine
import Segmentation

/// How a segmenter is trained.
struct SegmentRecipeOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Network.", valueName: "name"))
  var network = SegmentationNetwork.unetSmall

  @Option(
    help: ArgumentHelp(
      "Crops to learn from: width x height, or one number (default: 256; unet: 388).",
      valueName: "size"))
  var size: CropSize?

  @Option(
    help: ArgumentHelp(
      "Number of epochs; more than before continue a finished run.", valueName: "n"))
  var epochs = 60

  @Option(help: ArgumentHelp("Batch size.", valueName: "n"))
  var batch = 8

  @Option(
    help: ArgumentHelp("Steps in an epoch (default: one pass over the images).", valueName: "n"))
  var steps: Int?

  @Option(help: ArgumentHelp("Learning rate at the schedule's top.", valueName: "rate"))
  var learningRate: Float = 0.002

  @Option(help: ArgumentHelp("Weight decay.", valueName: "λ"))
  var weightDecay: Float = 0.01

  @Option(help: ArgumentHelp("Loss over the pixels.", valueName: "name"))
  var loss = SegmentationSettings.Objective.crossEntropy

  @Option(
    help: ArgumentHelp(
      "How much rare classes count more in the cross-entropy.", valueName: "name"))
  var classWeights = SegmentationSettings.ClassWeighting.logarithmic

  @Flag(
    help: """
      Let the ground between two objects that almost touch count more; the first class is the ground \
      (Ronneberger et al. 2015).
      """)
  var borders = false

  @Option(
    help: ArgumentHelp(
      "Scale crops by a random factor from 1/f to f.", valueName: "f"))
  var scaling: Float = 1.5

  @Option(
    help: ArgumentHelp(
      """
      Data augmentation: comma-separated list of \
      \(Self.augmentations.map(\.rawValue).joined(separator: ", ")), or none.
      """,
      valueName: "list"))
  var augment = "flip,color"

  /// Those that suit crops whose size is set.
  private static let augmentations: [AugmentationKind] = [
    .flip, .shift, .color, .affine, .elastic, .cutout,
  ]

  private var cropSize: CropSize {
    let side = network == .unet ? 388 : 256
    return size ?? CropSize(width: side, height: side)
  }

  private var augmentations: [AugmentationKind]? {
    guard augment != "none" else { return [] }
    let kinds = augment.split(separator: ",").map { AugmentationKind(name: String($0)) }
    let known = kinds.compactMap { $0 }.filter(Self.augmentations.contains)
    return known.count == kinds.count ? known : nil
  }

  func validate() throws {
    for (name, value, range) in [
      ("epochs", epochs, 1...100_000), ("steps", steps ?? 1, 1...1_000_000),
      ("batch", batch, 1...4_096),
    ] where !range.contains(value) {
      throw ValidationError(
        "--\(name) \(value): must be between \(range.lowerBound) and \(range.upperBound)")
    }
    guard learningRate > 0, learningRate <= 1 else {
      throw ValidationError("--learning-rate \(learningRate): must be above 0, at most 1")
    }
    guard (0...1).contains(weightDecay) else {
      throw ValidationError("--weight-decay \(weightDecay): must be between 0 and 1")
    }
    guard (1...8).contains(scaling) else {
      throw ValidationError("--scaling \(scaling): must be between 1 and 8")
    }
    guard !borders || loss == .crossEntropy else {
      throw ValidationError("--borders weighs the cross-entropy; leave --loss dice out")
    }
    guard augmentations != nil else {
      throw ValidationError(
        "--augment \(augment): expected "
          + Self.augmentations.map(\.rawValue).joined(separator: ", ") + " or none")
    }
    for side in [cropSize.width, cropSize.height] where network.side(atMost: side) != side {
      throw ValidationError(
        "--size \(cropSize): \(network.rawValue) takes sides such as \(network.side(atMost: side)) and "
          + "\(network.side(atMost: side) + network.stride)")
    }
  }

  func settings(
    data: DataIdentity, validation: DataIdentity?, classes: MaskClasses, channels: Int,
    precision: Precision
  ) -> SegmentationSettings {
    SegmentationSettings(
      data: data, validationData: validation, network: network, classes: classes,
      channels: channels, width: cropSize.width, height: cropSize.height,
      scales: (1 / scaling)...scaling, augmentation: augmentations ?? [], objective: loss,
      classWeighting: classWeights, weighsBorders: borders, epochs: epochs, batchSize: batch,
      stepsPerEpoch: steps,
      learningRate: learningRate, weightDecay: weightDecay, precision: precision)
  }
}

/// A size typed as `352x256`, or `256` for a square.
struct CropSize: ExpressibleByArgument, CustomStringConvertible {
  let width: Int
  let height: Int

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  init?(argument: String) {
    let parts = argument.split(omittingEmptySubsequences: false) { $0 == "x" || $0 == "×" }
    let sides = parts.compactMap { Int($0) }
    guard sides.count == parts.count, (1...2).contains(sides.count),
      sides.allSatisfy({ (1...4096).contains($0) })
    else { return nil }
    self.init(width: sides[0], height: sides[sides.count - 1])
  }

  var description: String { width == height ? "\(width)" : "\(width)x\(height)" }
  var defaultValueDescription: String { description }
}

extension SegmentationNetwork: ExpressibleByArgument {}
extension SegmentationSettings.Objective: ExpressibleByArgument {}
extension SegmentationSettings.ClassWeighting: ExpressibleByArgument {}
