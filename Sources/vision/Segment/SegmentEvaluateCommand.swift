import ArgumentParser
import Datasets
import Figures
import Files
import Images
import Segmentation

/// `vision segment evaluate`: how well a segmenter does on images with masks.
struct SegmentEvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Evaluates a segmenter on images with masks.",
    usage: "vision segment evaluate [<options>] <images> <masks>",
    discussion: """
      Masks are like those the model was trained on, each called like its image; what they hold that is none \
      of the model's classes does not count. Prints intersection over union (IoU) by class, its mean, and the \
      share of pixels predicted right. With --figures, writes confusion.png and mistakes.png, the images with \
      the fewest pixels right.

      Examples:
        vision segment evaluate images/ masks/ --model run/best.safetensors
        vision segment evaluate images/ masks/ --figures figures/ --json
      """)

  @OptionGroup var folders: MaskFolders

  @OptionGroup var model: SegmenterOption

  @Option(
    help: ArgumentHelp("A directory for figures.", valueName: "directory"),
    completion: .directory)
  var figures: String?

  @Flag(help: "Print a JSON object.")
  var json = false

  @OptionGroup(title: "Compute") var computing: ComputeOptions

  func run() throws {
    OpenMP.limitSpinning()
    let pairs: MaskPairs
    do throws(DatasetError) { pairs = try folders.pairs() } catch {
      throw RunError(error)
    }
    Console.warn(pairs.warnings)
    let threads = computing.threads ?? processorCount
    let (evaluation, damaged) = try computing.profiled { options in
      let segmenter = try model.segmenter(options)
      let progress = Progress(total: pairs.count)
      defer { progress?.clear() }
      var evaluation = SegmentationEvaluation(segmenter.classes)
      func pair(_ index: Int) throws(ImageError) -> (image: Image, mask: Image) {
        try pairs.pair(at: index, classes: segmenter.classes)
      }
      let damaged = evaluation.add(
        pairs.images, by: segmenter, threads: threads, pair: pair
      ) { progress?.show(done: $0) }
      progress?.clear()
      Console.warn(damaged)
      guard evaluation.confusion.total > 0 else {
        throw RunError.aborted(
          evaluation.results.isEmpty
            ? "\(folders.images): no image can be evaluated on"
            : "\(folders.masks): no pixel holds a value of the model's classes")
      }
      if let figures {
        try draw(
          evaluation, to: FilePath(argument: figures), segmenter, threads
        ) { try? pair($0) }
      }
      return (evaluation, damaged)
    }
    StandardStream.output.write(
      (json ? try encodeJSON(object: evaluation) : Self.table(evaluation)) + "\n")
    if !damaged.isEmpty || pairs.warnings.contains(where: \.isFailure) {
      throw ExitStatus.partialFailure
    }
  }

  private func draw(
    _ evaluation: SegmentationEvaluation, to folder: FilePath, _ segmenter: Segmenter,
    _ threads: Int, pair: (Int) -> (image: Image, mask: Image)?
  ) throws {
    try createDirectory(folder)
    let drawn: (confusion: Image, mistakes: Image)
    do throws(FigureError) {
      drawn = (
        try evaluation.confusionFigure(segmenter.classes),
        try evaluation.worstFigure(by: segmenter, threads: threads, pair: pair)
      )
    } catch { throw RunError.aborted("\(folder): \(error)") }
    try writeImage(drawn.confusion, to: folder.appending("confusion.png".utf8))
    try writeImage(drawn.mistakes, to: folder.appending("mistakes.png".utf8))
  }

  private static func table(_ evaluation: SegmentationEvaluation) -> String {
    let counts = evaluation.confusion
    func share(_ value: Double?) -> String { value.map { percent($0) } ?? "–" }
    let rows = evaluation.classNames.enumerated().map { label, name in
      [
        printable(name), "\(counts.support(of: label))", share(counts.iou(of: label)),
        share(counts.precision(of: label)), share(counts.recall(of: label)),
      ]
    }
    let table = TextTable(
      header: ["CLASS", "PIXELS", "IOU", "PRECISION", "RECALL"], rows: rows,
      alignments: [.left, .right, .right, .right, .right]
    ).plain
    return "mean IoU \(percent(counts.meanIoU)), pixel accuracy \(percent(counts.accuracy)) of "
      + "\(evaluation.results.count) images\n\n\(table)"
  }
}
