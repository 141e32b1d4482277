import Datasets
import Engine
import Figures
import Files
import Images
import Inference
import ModelFiles

/// Draws what a classifier sees into a folder, and keeps account of it.
struct ExplanationWriter {
  private let model: Classifier
  private let folder: FilePath
  private let options: PlanOptions
  private let inputs: RunInputs
  /// Takes the figures in the place of the folder.
  private let collection: FigureCollection?
  private(set) var report = ExplanationReport()
  private var written: WrittenFiles

  /// Images in `predictions.png` beside the plain one.
  private static let shownClasses = 3
  /// The longer side, in pixels, to which the image is shown.
  private static let shownSide = 512

  /// - Throws: a usage error where a file of the folder that is to be written is one of the inputs, or not known to
  ///   be of an earlier run.
  init(
    _ model: Classifier, folder: FilePath, options: PlanOptions, inputs: RunInputs
  ) throws(RunError) {
    self.model = model
    self.folder = folder
    self.options = options
    self.inputs = inputs
    collection = nil
    written = WrittenFiles(model: model.card.name)
    let images = ["grad-cam.png", "predictions.png", "filters.png"].map {
      folder.appending($0.utf8)
    }
    for path in images + [folder.appending(WrittenFiles.name.utf8)] {
      try inputs.requireNone(at: path, option: "-o")
    }
    for path in images { try path.requireReplaceable() }
    try WrittenFiles.requireReplaceable(in: folder)
  }

  /// An explanation whose figures are handed over instead of written.
  init(_ model: Classifier, into collection: FigureCollection, options: PlanOptions) {
    self.model = model
    folder = FilePath(argument: "")
    self.options = options
    inputs = RunInputs([])
    self.collection = collection
    written = WrittenFiles(model: model.card.name)
  }

  /// Writes everything that there is to show about one image.
  ///
  /// - Parameters:
  ///   - chosen: the class that `grad-cam.png` is about; the likeliest where nil.
  ///   - layer: the layer that Grad-CAM looks at; the last that is an image where nil.
  mutating func write(image: Image, chosen: Int?, layer: String?) throws {
    let view = try NetworkInspector(model, layer: layer, options: options)
    if collection == nil { try createDirectory(folder) }
    let candidates = try predictions(for: image)
    try view.run(on: image)
    report.predictions = candidates.prefix(5).map {
      .init(label: $0.label, probability: sixDecimals($0.probability))
    }
    report.layer = view.targetLayer.path
    try writeFeatureMaps(view)
    try writeHeat(view, image, candidates, chosen: chosen ?? candidates[0].index)
    if (try? FirstLayerKernels(model)) != nil { try writeKernels() }
  }

  /// Writes the kernels of the first layer.
  mutating func writeKernels() throws {
    let kernels = try FirstLayerKernels(model)
    let shape = kernels.weights.shape
    let grid = try TileGrid(
      kernels: kernels.weights.withUnsafeBufferPointer { Array($0) }, outputs: shape[0],
      channels: shape[1], height: shape[2], width: shape[3],
      title: "\(kernels.layer): kernels of the first layer")
    try write(
      grid.rendered(), "filters.png",
      "\(shape[0]) kernels of \(kernels.layer), \(shape[3])×\(shape[2])×\(shape[1])")
  }

  // MARK: - An image

  /// All classes, the likeliest first, as `vision classify` gives them.
  private func predictions(for image: Image) throws -> [Classification.Prediction] {
    var outcome: Result<Classification, any Error>?
    try ImageClassifier(model, options: options)
      .classify(1, top: model.card.classNames.count) { _ in
        (image, ())
      } _: { _, result in
        outcome = result.map(\.0)
      }
    return try outcome?.get().predictions ?? []
  }

  private mutating func writeHeat(
    _ view: NetworkInspector, _ image: Image, _ candidates: [Classification.Prediction],
    chosen: Int
  ) throws {
    let shown = try seen(image)
    let layer = view.targetLayer
    func heat(_ values: [Float]) throws -> Image {
      try Heatmap(values: values, rows: layer.height, columns: layer.width).rendered(over: shown)
    }
    let label = model.card.classNames[chosen]
    report.label = label
    let values = try view.gradCAM(for: chosen)
    let place = "at \(layer.path) (\(layer.width)×\(layer.height))"
    let whole = Heatmap(values: values, rows: layer.height, columns: layer.width)
    try write(
      whole.rendered(
        over: image.flattened(channels: 3),
        part: model.preprocessing.part(ofWidth: image.width, height: image.height),
        cancellation: options.cancellation),
      "grad-cam.png",
      values.allSatisfy { $0 == 0 }
        ? "Grad-CAM is zero everywhere: nothing speaks for \(label) \(place)"
        : "Grad-CAM for \(label) \(place)")
    let name = model.card.name
    var items = [
      ContactSheet.Item(
        image: shown,
        caption: [.init("input"), .init("after preprocessing", emphasis: .faint)])
    ]
    let likeliest = candidates.prefix(Self.shownClasses)
    for candidate in likeliest {
      items.append(
        ContactSheet.Item(
          image: try heat(view.gradCAM(for: candidate.index)),
          caption: [
            .init(candidate.label), .init(percent(candidate.probability), emphasis: .faint),
          ]))
    }
    if let warning = MissingLetters.warning(in: likeliest.map(\.label)) { Console.warn(warning) }
    let sheet = ContactSheet(
      title: name.isEmpty ? "" : "Grad-CAM, \(name)", items: items, columns: items.count,
      thumbnailSize: 224, note: "Grad-CAM at \(layer.path), \(layer.width)×\(layer.height)")
    try write(
      sheet.rendered(), "predictions.png",
      likeliest.count == 1
        ? "Grad-CAM for the most probable class"
        : "Grad-CAM for the \(likeliest.count) most probable classes")
  }

  private mutating func writeFeatureMaps(_ view: NetworkInspector) throws {
    let digits = "\(view.layers.count)".count
    for (index, layer) in view.layers.enumerated() {
      let number = String(repeating: "0", count: digits - "\(index + 1)".count) + "\(index + 1)"
      let grid = try TileGrid(
        featureMaps: try view.features(of: layer), channels: layer.channels, height: layer.height,
        width: layer.width, title: "\(layer.path): \(layer.declaration)")
      try write(grid.rendered(), "feature-maps/\(number)-\(layer.path).png", nil)
    }
    guard let first = view.layers.first, let last = view.layers.last else { return }
    report.note(
      folder.appending("feature-maps/".utf8),
      "activations of \(view.layers.count) layers, \(first.path) to \(last.path)")
  }

  /// The part of the image that the network sees, in as many of its pixels as are worth showing.
  private func seen(_ image: Image) throws -> Image {
    var form = model.preprocessing
    let factor: Int
    switch form.resizeMode {
    case .centerCrop:
      factor =
        form.shorterSide.map { min(image.width, image.height) / $0 }
        ?? min(image.width / form.width, image.height / form.height)
    case .squash, .letterbox:
      factor = max(image.width / form.width, image.height / form.height)
    }
    let scale = max(1, min(factor, Self.shownSide / max(form.width, form.height)))
    form.width *= scale
    form.height *= scale
    form.shorterSide = form.shorterSide.map { $0 * scale }
    form.channels = 3
    return try form.resized(image)
  }

  // MARK: - Files

  /// Removes what an earlier run left, and notes what this one wrote.
  func finish() throws(RunError) { try written.replace(in: folder) }

  private mutating func write(_ image: Image, _ name: String, _ shows: String?) throws {
    let path = folder.appending(name.utf8)
    if let collection {
      try collection.take(image, name, shows ?? name)
      if let shows { report.note(path, shows) }
      return
    }
    try inputs.requireNone(at: path, option: "-o")
    try path.requireReplaceable()
    try createDirectory(path.parent)
    try writeImage(image, to: path)
    written.add(name)
    if let shows { report.note(path, shows) }
  }
}

/// Takes the figures of an explanation, one after the other.
final class FigureCollection {
  private let body: (Image, _ name: String, _ shows: String) throws -> Void

  init(_ body: @escaping (Image, _ name: String, _ shows: String) throws -> Void) {
    self.body = body
  }

  func take(_ image: Image, _ name: String, _ shows: String) throws {
    try body(image, name, shows)
  }
}
