import Datasets
import Images
import ModelFiles
import Networks
import Restoration
import Tensors
import TestSupport

extension TestedTask {
  static func photographs(_ count: Int, seed: Int) -> Dataset {
    Dataset(
      classNames: [""], labels: Array(repeating: 0, count: count),
      names: (0..<count).map { "image \($0)" },
      source: .memory(
        (0..<count).map { index in
          Image(
            layout: PixelLayout(width: 40, height: 36, channels: 3),
            bytes: (0..<3 * 40 * 36).map { UInt8(truncatingIfNeeded: $0 / 9 &* (index + seed)) })
        }))
  }

  static func autoencoder(_ options: Options) throws -> AutoencoderTask {
    var training = photographs(32, seed: 1)
    if options.hasDamage { training = try training.inFiles(options.folder, damaged: [3, 20]) }
    return AutoencoderTask(
      settings: AutoencoderSettings(
        data: DataIdentity(path: "images", names: training.names), size: 8, colors: 3, code: 4,
        channels: 4, epochs: options.epochs, stepsPerEpoch: 4, batchSize: 8,
        learningRate: 1e-3 * options.rateFactor),
      images: training, validation: photographs(3, seed: 40), card: ModelCard(name: "test"))
  }

  static func noiseEstimator(_ options: Options) throws -> NoiseEstimatorTask {
    var training = photographs(32, seed: 1)
    if options.hasDamage { training = try training.inFiles(options.folder, damaged: [3, 20]) }
    return NoiseEstimatorTask(
      settings: NoiseEstimatorSettings(
        data: DataIdentity(path: "images", names: training.names), channels: 4, patch: 24,
        epochs: options.epochs, stepsPerEpoch: 4, batchSize: 8,
        learningRate: 1e-3 * options.rateFactor),
      images: training, validation: photographs(3, seed: 40), card: ModelCard(name: "test"))
  }

  /// What a tiny untrained classifier sees.
  enum Features {
    static let folder = TemporaryFolder()
    static let distance = Result {
      let network = Network(input: [16, 16, 3]) {
        Conv2D(4, 3, padding: .same, activation: .relu)
        GlobalAveragePool()
        Dense(2)
      }
      var tensors = TensorTable()
      for variable in try network.variables() {
        tensors[variable.name] = variable.initialValue(random: RandomSource(seed: 2))
      }
      let form = Preprocessing(
        width: 16, height: 16, channels: 3, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5])
      var file = ModelFile(
        tensors: tensors, architecture: try network.json(),
        card: ModelCard(name: "test", classNames: ["a", "b"], preprocessing: form))
      file.task = .classification
      let path = folder.path + "/features.safetensors"
      try file.write(to: path)
      return try FeatureDistance(path: path)
    }
  }

  static func restorer(
    _ restoration: Restoration, _ options: Options, features: FeatureDistance? = nil
  ) throws -> RestorationTask {
    var training = photographs(32, seed: 1)
    if options.hasDamage { training = try training.inFiles(options.folder, damaged: [3, 20]) }
    return RestorationTask(
      restoration,
      settings: RestorationSettings(
        restoration, data: DataIdentity(path: "images", names: training.names),
        network: NetworkSize(channels: 8, blocks: 2), patch: 8, epochs: options.epochs,
        stepsPerEpoch: 4, batchSize: 8, learningRate: 1e-3 * options.rateFactor,
        holdOutInterval: nil),
      images: training, validation: photographs(3, seed: 40), card: ModelCard(name: "test"),
      features: features)
  }
}
