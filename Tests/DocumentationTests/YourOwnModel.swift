import Classification
import Datasets
import Images
import Inference
import ModelFiles
import Networks
import Training

/// Two convolutions for images of 32 × 32 pixels.
let stripesNetwork = Network(input: [32, 32, 3]) {
  Conv2D(8, 5, strides: 2, activation: .relu)  // 14×14×8
  Conv2D(16, 3, strides: 2, activation: .relu)  // 6×6×16
  GlobalAveragePool()  // 16
  Dense(2)  // 2
}

/// An image of stripes.
func stripes(upright: Bool, period: Int) -> Image {
  var image = Image(layout: PixelLayout(width: 32, height: 32, channels: 3))
  image.withUnsafeMutableBytes { bytes in
    for y in 0..<32 {
      for x in 0..<32 where (upright ? x : y) % period < period / 2 {
        for channel in 0..<3 { bytes[(y * 32 + x) * 3 + channel] = 255 }
      }
    }
  }
  return image
}

/// Images of stripes, upright and lying, in memory.
let images = Dataset(
  classNames: ["upright", "lying"], labels: (0..<64).map { $0 % 2 },
  names: (0..<64).map { "stripes \($0)" },
  source: .memory((0..<64).map { stripes(upright: $0 % 2 == 0, period: 4 + $0 / 2 % 8) }))

/// Trains the network into a run folder, or goes on with the training in it.
func trainStripes(into folder: String) throws -> TrainingOutcome {
  let (training, validation) = try images.split(validation: 0.25)
  let form = Preprocessing(
    width: 32, height: 32, channels: 3, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5])
  let recipe = Recipe(
    model: "stripes", imageSize: 32, epochs: 10, batchSize: 8,
    optimizer: Optimizer(.adam()), learningRate: 0.01)
  let task = ClassifierTask(
    settings: ClassifierSettings(
      classNames: images.classNames, trainingCounts: training.classCounts,
      validationCounts: validation.classCounts, recipe: recipe, input: form),
    network: stripesNetwork,
    images: TrainingSplit(training: training, validation: validation),
    card: ModelCard(name: "stripes", summary: "Tells upright from lying stripes."))
  return try Trainer(task, folder: RunFolder(path: folder)).train { event in
    if case .epoch(let report) = event { print("epoch", report.epoch, report.values) }
  }
}

/// What the trained model says of images.
func ask(_ folder: String, about images: [Image]) throws -> [String] {
  let model = try Classifier(path: RunFolder(path: folder).best)
  return try ImageClassifier(model).classify(images).map(\.best.label)
}
