import Engine
import Images
import Inference

/// One run of `vision classify` over its inputs.
struct ClassifyRun: Sendable {
  let images: [Input]
  /// Labels for each image, no more than there are classes; nil for ``Classifier/usualLabelCount``.
  let top: Int?
  /// The probability below which nothing is answered.
  let threshold: Double
  /// Whether labels hold or not, each on its own.
  let severalMayHold: Bool
  let format: ClassifyFormat
  let reading: ReadOptions

  /// What is known of an image beside its labels.
  private struct Seen: Sendable {
    let warnings: [String]
    /// For the sheet; nil where the image is not on it.
    let thumbnail: Image?
  }

  /// Labels all images and tells the results, in order and as they come.
  func apply(
    _ model: Classifier, options: PlanOptions, failures: [InputFinder.Failure],
    skipped: [String: Int],
    sheet: ImageOutput?
  ) throws(RunError) -> ExitStatus {
    let report = BatchReport(images, failures: failures, skipped: skipped)
    var maker = sheet.map { _ in
      ContactSheetBuilder(imageCount: images.count, model: model.card.name)
    }
    let shown = top ?? model.usualLabelCount
    var results: [ClassifiedImage] = []
    do throws(InferenceError) {
      let classifier = ImageClassifier(model, options: options)
      if case .csv = format { StandardStream.output.write(ClassifyFormat.csvHeader(top: shown)) }
      var reading = reading
      reading.sufficientSide = classifier.sufficientSide
      let sheetPlan = maker
      try classifier.classify(images.count, top: shown) { [reading, images] number in
        try images[number].withReader(reading) { reader in
          let image = try Image(reader, options: reading)
          return (
            image,
            Seen(
              warnings: reader.warnings,
              thumbnail: sheetPlan?.isSampled(number) ?? false
                ? try ContactSheetBuilder.thumbnail(of: image) : nil)
          )
        }
      } _: { number, outcome in
        switch outcome {
        case .failure(let error): report.finish(number, .failed("\(error)"))
        case .success(let (classification, seen)):
          let result = ClassifiedImage(
            path: images[number].path, classification, threshold: threshold,
            severalMayHold: severalMayHold, showsAll: top != nil)
          if let thumbnail = seen.thumbnail { maker?.add(thumbnail, result) }
          let line = format.line(result, columns: shown)
          if line == nil { results.append(result) }
          report.finish(number, .done(line, warnings: seen.warnings))
        }
      }
    } catch { throw .aborted(advised(error)) }
    if case .json = format { StandardStream.output.write(try encodeJSON(results) + "\n") }
    let status = report.close(verb: "classified")
    if let sheet, let maker { try maker.write(to: sheet) }
    return status
  }
}
