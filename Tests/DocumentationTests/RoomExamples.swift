import Classification
import Datasets
import Engine
import Figures
import Files
import Filters
import Forecasting
import Graphs
import Images
import Inference
import ModelFiles
import Models
import Networks
import Restoration
import Segmentation
import Tensors
import Training

// The code of the articles about each room.

func thumbnail(of path: String) throws -> Image {
  let limits = Limits(maximumPixels: 20_000_000, maximumBytes: 1 << 28)
  let image = try Image(path: path, options: ReadOptions(limits: limits))
  return try image.resized(width: 64, height: 64, .linear)
}

func edges(of image: Image) throws -> Image {
  try FilterChain([FilterStep(.sobel)]).apply(to: image, threads: processorCount)
}

func slope() throws -> Shape {
  let graph = Graph()
  let x = try graph.input("x", [3])
  let y = try (x * x).sum()
  let slope = try graph.gradients(of: y, withRespectTo: [x])[0]
  return slope.shape
}

func table() throws -> String {
  let network = try Models.named("small-cnn", classes: 10, input: [32, 32, 3])
  return try network.summary().table
}

func forecastingParameters() throws -> Int {
  let network = Network(input: [60, 1]) {
    LSTM(256, returnsSequences: true)
    Dropout(0.2)
    LSTM(256)
    Dropout(0.2)
    Dense(64)
    Dense(1)
  }
  return try network.summary().parameters
}

func evenTenths(of folder: String) throws -> (training: Dataset, validation: Dataset) {
  let parts = try DatasetSplits(path: folder)
  return try parts.training.split(validation: 0.1)
}

func accuracy(of model: String) throws -> Double? {
  try ModelFile.card(path: model).metrics["accuracy"]
}

func trainClassifier(on folder: String, into run: String) throws -> TrainingOutcome {
  let data = try TrainingData(path: folder)
  var recipe = Recipe.default(for: data)
  recipe.epochs = 30
  let task = try ClassifierTask(data: data, recipe: recipe, card: ModelCard(name: "mine"))
  return try Trainer(task, folder: RunFolder(path: run)).train()
}

func labels(of images: [Image], model: String) throws -> [String] {
  let classifier = try Classifier(path: model)
  return try ImageClassifier(classifier).classify(images).map(\.best.label)
}

func faces(model: String) throws -> [Image] {
  let generator = try Generator(path: model).imageGenerator()
  let latents = (1...16).map { (seed: UInt64) in
    Latents.latent(seed: seed, count: generator.latentSize)
  }
  return try generator.images(of: latents)
}

func chart(of losses: [Double]) throws -> Image {
  try LineChart(
    title: "loss", xLabel: "epoch", series: [LineChart.Series("training", values: losses)]
  ).rendered(width: 640, height: 400)
}

func enlarge(with model: String) throws {
  let upscaler = try Upscaler(path: model)
  let photo = try ImageReader(path: "photo.jpg")
  let large = try upscaler.source(
    over: photo, quality: photo.info.jpeg?.quality, threads: 2)
  try large.write(path: "large.png")
}

func smooth(with model: String) throws {
  let deblocker = try Cleaner(path: model, of: .compression)
  let photo = try ImageReader(path: "photo.jpg")
  let smooth = try deblocker.source(
    over: photo, of: .compression(quality: photo.info.jpeg?.quality ?? 75), threads: 2)
  try smooth.write(path: "smooth.png")
}

func clean(_ image: Image, with model: String) throws -> Image {
  let denoiser = try Cleaner(path: model, of: .noise)
  let estimator = try NoiseEstimator(path: "assets/models/noise-level.safetensors")
  let sigma = try estimator.sigma(of: image)
  return try denoiser.cleaned(image, of: .noise(sigma: sigma), threads: 2)
}

func parts(of prices: [Double]) throws -> (Range<Int>, Range<Int>, Range<Int>) {
  let settings = ForecastSettings(column: "close", window: 60, horizon: 1)
  let series = try ForecastSeries(prices, settings: settings)
  return (series.training, series.validation, series.test)
}

func isBetterThanTheLastValue(_ series: ForecastSeries, with model: String) throws -> Bool {
  let forecaster = try Forecaster(path: model)
  let said = try forecaster.levels(series, targets: series.test)
  let metrics = ForecastMetrics(series, targets: series.test, said: said, season: 5)
  return metrics.hasSkill
}

func classes(of image: Image, by model: String) throws -> Image {
  let segmenter = try Segmenter(path: model)
  let map = try segmenter.classMap(of: image, threads: 2)
  var options = WriteOptions(format: .png)
  options.palette = segmenter.classes.palette
  try segmenter.mask(of: map).write(path: "mask.png", options: options)
  return segmenter.classes.overlay(map, over: image)
}
