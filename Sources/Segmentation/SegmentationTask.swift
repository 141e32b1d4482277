import Datasets
import Engine
import Figures
import Files
import FoundationEssentials
import Inference
import ModelFiles
import Networks
import Tensors
import Training

/// Learning to give each pixel of an image a class: a network that sees random parts of images, and whose
/// predictions are compared with their masks pixel by pixel.
public struct SegmentationTask: LearningTask {
  public static let id = ModelTask.segmentation.rawValue
  public static let examples = "crops"

  public let settings: SegmentationSettings
  let training: MaskedImages
  /// nil where nothing is measured.
  let validation: MaskedImages?
  let card: ModelCard
  /// Of the parts that are learned from, with mean and standard deviation.
  let form: Preprocessing
  let classWeights: [Float]

  /// - Parameters:
  ///   - training: what to learn from: at least one image.
  ///   - validation: what the epochs are measured by; nil keeps the last one as the best.
  ///   - card: what the model file says beside classes, preprocessing and measured quality.
  /// - Throws: where the network cannot have parts of the size.
  public init(
    settings: SegmentationSettings, training: MaskedImages, validation: MaskedImages?,
    card: ModelCard
  ) throws(TrainingError) {
    self.settings = settings
    self.training = training
    self.validation = validation
    self.card = card
    let margin = settings.network.margin
    var form = Preprocessing(
      width: settings.width + 2 * margin, height: settings.height + 2 * margin,
      channels: settings.channels, mean: Array(repeating: 0.5, count: settings.channels),
      std: Array(repeating: 0.25, count: settings.channels))
    (form.mean, form.std) = training.images.channelStatistics(for: form, atMost: 500)
    self.form = form
    classWeights = settings.classWeighting.weights(counts: training.classCounts)
    _ = try network(width: form.width, height: form.height)
  }

  public var configuration: any Encodable & Sendable { settings }
  public var data: [DataIdentity] {
    [settings.data] + (settings.validationData.map { [$0] } ?? [])
  }
  public var phases: [any Phase] { [SegmentationPhase(task: self)] }

  static let meanIoU = "mean_iou"
  static let accuracy = "pixel_accuracy"

  public static let columns = [
    Column("loss", title: "loss", format: .significant, chart: "Loss"),
    Column(meanIoU, title: "mean IoU", format: .percent, chart: "Validation"),
    Column(
      accuracy, title: "pixel acc.", format: .percent, chart: "Validation",
      series: "pixel accuracy", isDashed: true),
  ]

  public func modelFile(
    _ snapshot: Snapshot, _ measures: Measures
  ) throws(TrainingError) -> ModelFile {
    var card = card
    card.classNames = settings.classes.names
    card.preprocessing = form
    if let evaluation = measures.details as? SegmentationEvaluation {
      card.metrics = measures.values.filter { [Self.meanIoU, Self.accuracy].contains($0.key) }
      card.confusion = evaluation.confusion.rows
      card.evaluatedOn = "\(evaluation.results.count) images held out from training"
    }
    let masks: String
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      masks = String(decoding: try encoder.encode(settings.classes), as: UTF8.self)
    } catch { throw TrainingError(wrapping: error) }
    return try snapshot.modelFile(
      of: network(width: form.width, height: form.height), card: card,
      metadata: [
        Segmenter.networkKey: settings.network.rawValue, Segmenter.masksKey: masks,
      ])
  }

  /// Draws which class the best model takes for which, `confusion.png`, and the images it does worst on,
  /// `mistakes.png`.
  public func finish(in folder: RunFolder, _ context: PhaseContext) throws(TrainingError) {
    guard let validation, folder.contains(folder.best) else { return }
    let segmenter: Segmenter
    do throws(InferenceError) {
      segmenter = try Segmenter(path: folder.best, options: context.options)
    } catch { throw TrainingError(wrapping: error) }
    let (evaluation, _) = try validation.evaluated(by: segmenter, context)
    guard !evaluation.results.isEmpty else { return }
    try folder.draw(to: folder.file("confusion.png")) { () throws(FigureError) in
      try evaluation.confusionFigure(settings.classes)
    }
    try folder.draw(to: folder.file("mistakes.png")) { () throws(FigureError) in
      try evaluation.worstFigure(
        by: segmenter, threads: context.options.threads ?? processorCount
      ) { try? validation.pair(at: $0) }
    }
  }

  func network(width: Int, height: Int) throws(TrainingError) -> Network {
    do {
      return try settings.network.network(
        classes: settings.classes.count, width: width, height: height,
        channels: settings.channels)
    } catch { throw TrainingError(wrapping: error) }
  }

  /// A segmenter with the values of a snapshot.
  func segmenter(_ snapshot: Snapshot) throws(TrainingError) -> Segmenter {
    let file = try modelFile(snapshot, Measures())
    let geometry = settings.network
    do {
      return Segmenter(
        card: file.card, classes: settings.classes,
        network: try WindowedNetwork(
          network(width: form.width, height: form.height), weights: file.tensors,
          stride: geometry.stride, remainder: geometry.remainder, margin: geometry.margin,
          overlap: geometry.overlap, options: snapshot.context.options),
        mean: form.mean, std: form.std)
    } catch { throw TrainingError(wrapping: error) }
  }
}
