import Datasets
import Engine
import Figures
import Files
import Images
import Inference
import ModelFiles

/// Draws into a folder which words, steps or frames speak for a class, and keeps account of it.
struct SequenceExplanation {
  private let model: SequenceClassifier
  private let folder: FilePath
  private let options: PlanOptions
  private let inputs: RunInputs
  private(set) var report = ExplanationReport()
  private var written: WrittenFiles

  /// - Throws: a usage error where a file that is to be written is one of the inputs, or not known to be of
  ///   an earlier run.
  init(
    _ model: SequenceClassifier, folder: FilePath, options: PlanOptions, inputs: RunInputs
  ) throws(RunError) {
    self.model = model
    self.folder = folder
    self.options = options
    self.inputs = inputs
    written = WrittenFiles(model: model.card.name)
    try inputs.requireNone(at: folder.appending(WrittenFiles.name.utf8), option: "-o")
    try WrittenFiles.requireReplaceable(in: folder)
  }

  /// Explains a text.
  mutating func write(text: String, _ preprocessing: TextPreprocessing, chosen: Int?) throws {
    let numbers = TokenNumbers(preprocessing)
    let sequence = numbers.sequence(of: text)
    let values = try contributions(to: sequence, chosen)
    let units = preprocessing.units(of: text)
    var words = units.map { HighlightedText.Word($0, value: 0, isFaint: true) }
    let spans = preprocessing.spans(unitCount: units.count).suffix(preprocessing.maxTokens)
    for (span, value) in zip(spans, values) {
      for place in span {
        words[place].value += Double(value) / Double(span.count)
        words[place].isFaint = false
      }
    }
    report.words = words.map { .init(word: $0.text, contribution: sixDecimals($0.value)) }
    let figure = HighlightedText(
      title: title, words: words, hasBlanks: preprocessing.unit == .words,
      note: "Red words speak for the class, blue ones against it (gradient × input)")
    try write(figure.rendered(), "words.png", "words for and against \(report.label ?? "")")
  }

  /// Explains a series: contributions of each channel and step, or of each pixel of the image that it
  /// becomes.
  mutating func write(
    series: FeatureSequence, _ preprocessing: SeriesPreprocessing, chosen: Int?
  ) throws {
    let sequence = preprocessing.normalized(series)
    let values = try contributions(to: sequence, chosen)
    let label = report.label ?? ""
    if let image = preprocessing.image {
      let scaled = SeriesPreprocessing(mean: preprocessing.mean, std: preprocessing.std)
      let drawn = image.image(of: scaled.normalized(series))
      let heat = Heatmap(values: values, rows: image.side * series.features, columns: image.side)
      try write(
        heat.rendered(over: drawn), "pixels.png",
        "pixels of the drawn series that speak for \(label)")
      return
    }
    let steps = series.steps
    func points(_ values: some Sequence<Float>) -> [LineChart.Series.Point] {
      values.enumerated().map { .init(x: Double($0), y: Double($1)) }
    }
    report.channels = (0..<series.features).map { channel in
      values[(channel * steps)..<((channel + 1) * steps)].map { sixDecimals(Double($0)) }
    }
    // More would be too small to be read.
    let charts = (0..<min(series.features, 8)).flatMap { channel -> [LineChart] in
      let range = (channel * steps)..<((channel + 1) * steps)
      let name = series.features > 1 ? "Channel \(channel + 1)" : "Series"
      return [
        LineChart(
          title: "\(name), \(title)", xLabel: "step",
          series: [.init("value", points: points(series.values[range]))]),
        LineChart(
          title: "Contribution to \(label)", xLabel: "step",
          series: [
            .init("gradient × input", points: points(values[range])),
            .init("0", points: points(values[range].map { _ in 0 }), style: .dashed),
          ]),
      ]
    }
    try write(
      LineChart.rendered(charts, height: 240), "steps.png", "steps for and against \(label)")
  }

  /// Explains a clip: contributions of each frame.
  mutating func write(clip: Clip, _ frames: Preprocessing, chosen: Int?) throws {
    let sequence: FeatureSequence
    do throws(UnreadableExample) { sequence = try clip.sequence(frames) } catch {
      throw RunError.failed(error.reason)
    }
    let values = try contributions(to: sequence, chosen)
    report.frames = values.map { sixDecimals(Double($0)) }
    let items = try zip(clip.frames(), values).map { frame, value in
      ContactSheet.Item(
        image: frame.image,
        caption: [
          .init(frame.name),
          .init(signed(Double(value)), emphasis: .faint),
        ])
    }
    let sheet = ContactSheet(
      title: title, items: items, columns: min(items.count, 8), thumbnailSize: 96,
      note: "Above 0 a frame speaks for the class (gradient × input)")
    try write(sheet.rendered(), "frames.png", "frames for and against \(report.label ?? "")")
  }

  // MARK: - Steps

  private var title: String {
    let best = report.predictions.first { $0.label == report.label }
    return "\(report.label ?? ""), \(percent(best?.probability ?? 0))"
  }

  private mutating func contributions(
    to sequence: FeatureSequence, _ chosen: Int?
  ) throws -> [Float] {
    let inspector = try SequenceInspector(model, sequence, options: options)
    let classification = try inspector.classification(labels: model.classNames)
    let index = chosen ?? classification.best.index
    // The chosen class is shown even where it is not among the likeliest.
    report.predictions = classification.predictions.enumerated()
      .filter { $0 < 5 || $1.index == index }
      .map { .init(label: $1.label, probability: sixDecimals($1.probability)) }
    report.label = model.classNames[index]
    return try inspector.contributions(for: index)
  }

  // MARK: - Files

  /// Removes what an earlier run left, and notes what this one wrote.
  func finish() throws(RunError) { try written.replace(in: folder) }

  private mutating func write(_ image: Image, _ name: String, _ shows: String) throws {
    let path = folder.appending(name.utf8)
    try inputs.requireNone(at: path, option: "-o")
    try path.requireReplaceable()
    try createDirectory(path.parent)
    try writeImage(image, to: path)
    written.add(name)
    report.note(path, shows)
  }
}
