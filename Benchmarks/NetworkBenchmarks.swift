import Datasets
import Engine
import Generation
import Glibc
import Graphs
import Images
import Inference
import ModelFiles
import Models
import Networks
import Tensors
import Training

/// A piece of work that is measured beside `peers/train_torch.py`, `peers/train_keras.py` and
/// `peers/infer_onnxruntime.py`, with the same networks and batches. Training steps include loss and
/// update.
private struct NetworkWork: Sendable {
  let key: String
  let name: String
  /// Makes what is then timed.
  let prepare: @Sendable (PlanOptions) throws -> () throws -> Void

  static let all =
    [
      NetworkWork(key: "small", name: "small CNN, training, batch 64") { options in
        try classifier(Models.smallCNN(input: [32, 32, 3]), batch: 64, .adam(), options).run
      },
      NetworkWork(key: "resnet18", name: "ResNet-18 32², training, batch 128") { options in
        try classifier(
          Models.ResNet.resNet18.network(classes: 10, input: [32, 32, 3]), batch: 128,
          .sgd(momentum: 0.9), options
        ).run
      },
      NetworkWork(key: "dcgan", name: "DCGAN 64², step, batch 128") { try adversary($0) },
    ]
    + [32, 128].map { batch in
      NetworkWork(
        key: "forecast-\(batch)", name: "two LSTM(256) on 60 × 1, training, batch \(batch)"
      ) { try forecaster(batch: batch, $0).run }
    }
    + ["rnn", "lstm", "gru"].map { cell in
      NetworkWork(
        key: "text-\(cell)", name: "\(cell.uppercased())(32) of 500 words, training, batch 128"
      ) { try texts(cell, $0).run }
    }
    + classifiers.flatMap { entry in
      [1, 32].map { batch in
        NetworkWork(
          key: "\(entry.key)-inference-\(batch)",
          name: "\(entry.name) \(entry.side)², inference, batch \(batch)"
        ) { try prediction(entry.network(), batch: batch, $0) }
      }
    } + [
      NetworkWork(key: "generator", name: "DCGAN generator, 64 images") {
        try inference(try Models.DCGAN().generator, batch: 64, $0).run
      }
    ]

  private static let classifiers:
    [(key: String, name: String, side: Int, network: @Sendable () -> Network)] = [
      ("resnet18", "ResNet-18", 224, { Models.ResNet.resNet18.network() }),
      ("resnet50", "ResNet-50", 224, { Models.ResNet.resNet50.network() }),
      ("mobilenetv2", "MobileNetV2", 224, { Models.mobileNetV2() }),
      ("alexnet", "AlexNet", 224, { Models.alexNet() }),
      ("vgg16", "VGG-16", 224, { Models.VGG.vgg16.network() }),
      ("googlenet", "GoogLeNet", 224, { Models.GoogLeNet.batchNormalized.network() }),
      ("efficientnet-b0", "EfficientNet-B0", 224, { Models.efficientNetB0() }),
      ("xception", "Xception", 299, { Models.xception() }),
    ]
}

/// `Benchmarks network WORK THREADS PRECISION [profile]`: one work in a process of its own, so that
/// its memory can be told; with `profile`, the time of each operation on standard error.
///
/// - Returns: whether the arguments make sense.
func benchmarkNetwork(_ arguments: [String]) throws -> Bool {
  guard (3...4).contains(arguments.count), arguments.count == 3 || arguments[3] == "profile",
    let work = NetworkWork.all.first(where: { $0.key == arguments[0] }),
    let threads = Int(arguments[1]), let precision = Precision(rawValue: arguments[2])
  else { return false }
  let profiler = arguments.count > 3 ? Profiler() : nil
  let run: () throws -> Void
  do {
    run = try work.prepare(
      PlanOptions(threads: threads, precision: precision, profiler: profiler))
  } catch EngineError.unavailable {
    // This processor has no bfloat16.
    return true
  }
  try run()
  profiler?.forget()
  let timing = try Timing(run)
  report(
    "networks", work.name, "\(threads) \(precision.rawValue)", timing, peakMebibytes: peakMebibytes)
  if let profiler { writeError(profiler.report) }
  return true
}

/// The most memory that this process has had.
private var peakMebibytes: Double {
  var usage = rusage()
  getrusage(RUSAGE_SELF.rawValue, &usage)
  return Double(usage.ru_maxrss) / 1024
}

/// A plan whose runs are steps of a classifier's training on random images.
private func classifier(
  _ network: Network, batch: Int, _ rule: OptimizerRule, _ options: PlanOptions
) throws -> Plan {
  let graph = Graph()
  let built = try network.build(on: graph, batch: batch, mode: .training)
  let target = try graph.input("target", built.logits.shape)
  let loss = try Loss.crossEntropy()(built.logits, target)
  try Optimizer(rule).minimize(
    loss, parameters: built.parameters, learningRate: graph.constant(0.01))
  let plan = try plan(graph, loss, .all, VariableStore(), options)
  var random = RandomSource(seed: 2)
  try plan.withInput(built.input) { random.fillNormal($0) }
  try plan.withInput(target) { values in
    for index in values.indices { values[index] = index % 10 == index / 10 % 10 ? 1 : 0 }
  }
  return plan
}

/// Steps of the forecasting network of 806,017 parameters.
private func forecaster(batch: Int, _ options: PlanOptions) throws -> Plan {
  let network = Network(input: [60, 1]) {
    LSTM(256, returnsSequences: true)
    Dropout(0.2)
    LSTM(256)
    Dropout(0.2)
    Dense(64)
    Dense(1)
  }
  let graph = Graph()
  let built = try network.build(on: graph, batch: batch, mode: .training)
  let target = try graph.input("target", built.output.shape)
  let loss = try Loss.meanSquaredError(built.output, target)
  try Optimizer(.adam()).minimize(
    loss, parameters: built.parameters, learningRate: graph.constant(0.001))
  let plan = try plan(graph, loss, .all, VariableStore(), options)
  var random = RandomSource(seed: 2)
  try plan.withInput(built.input) { random.fillNormal($0) }
  try plan.withInput(target) { random.fillNormal($0) }
  return plan
}

/// Steps of a text network: 10,000 words, vectors of 32 numbers, 32 units, one output.
private func texts(_ cell: String, _ options: PlanOptions) throws -> Plan {
  let layer: any Layer
  switch cell {
  case "rnn": layer = SimpleRNN(32)
  case "lstm": layer = LSTM(32)
  default: layer = GRU(32)
  }
  let network = Network(input: [500]) {
    Embedding(10_000, 32)
    layer
    Dense(1)
  }
  let graph = Graph()
  let built = try network.build(on: graph, batch: 128, mode: .training)
  let target = try graph.input("target", built.output.shape)
  let loss = try Loss.meanSquaredError(built.output, target)
  try Optimizer(.rmsProp()).minimize(
    loss, parameters: built.parameters, learningRate: graph.constant(0.001))
  let plan = try plan(graph, loss, .all, VariableStore(), options)
  var random = RandomSource(seed: 2)
  try plan.withInput(built.input) { words in
    random.fillUniform(words)
    for index in words.indices { words[index] = (words[index] * 9_999).rounded(.down) }
  }
  try plan.withInput(target) { random.fillNormal($0) }
  return plan
}

/// What `vision classify` computes of a batch of pictures.
private func prediction(
  _ network: Network, batch: Int, _ options: PlanOptions
) throws -> () throws -> Void {
  let store = VariableStore()
  let graph = Graph()
  _ = try network.build(on: graph, batch: 1, mode: .inference)
  try store.initialize(graph.variables, random: RandomSource(seed: 1))
  let predictor = try Predictor(
    network: network, variables: store, batchSize: batch, usesFlipTTA: false, options: options)
  var random = RandomSource(seed: 2)
  var isFilled = false
  return {
    try predictor.logits { pictures in
      // The same pictures each time, as the peers have them.
      if !isFilled { random.fillNormal(pictures) }
      isFilled = true
    } _: { _, _ in
    }
  }
}

private func inference(
  _ network: Network, batch: Int, _ options: PlanOptions
) throws -> Plan {
  let graph = Graph()
  let built = try network.build(on: graph, batch: batch, mode: .inference)
  let plan = try plan(graph, built.output, .none, VariableStore(), options)
  var random = RandomSource(seed: 2)
  try plan.withInput(built.input) { random.fillNormal($0) }
  return plan
}

/// The step of `vision gan train --recipe dcgan`.
private func adversary(_ options: PlanOptions) throws -> () throws -> Void {
  var random = RandomSource(seed: 2)
  let image = Image(layout: PixelLayout(width: 64, height: 64, channels: 3))
  let images = Dataset(classNames: [""], labels: [0], names: ["gray"], source: .memory([image]))
  let task = try GANTask(
    settings: GANSettings(
      data: DataIdentity(path: "gray", names: images.names), trainingCount: 1, recipe: .dcgan),
    images: images, reference: nil, card: ModelCard(name: "dcgan"))
  let step = try PreparedStep(of: task.phases[0], options: options) { images in
    random.fillUniform(images)
    for index in images.indices { images[index] = 2 * images[index] - 1 }
  }
  return { try step.run() }
}

private func plan(
  _ graph: Graph, _ output: Node, _ assignments: AssignmentSelection, _ store: VariableStore,
  _ options: PlanOptions
) throws -> Plan {
  try store.initialize(graph.variables, random: RandomSource(seed: 1))
  return try Plan(
    graph, outputs: [output], assignments: assignments, variables: store, options: options)
}
