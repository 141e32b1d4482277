import Classification
import Datasets
import Engine
import Images
import Inference
import ModelFiles
import Networks
import Tensors
import TestSupport
import Testing
import Training

private let network = Network(input: [9, 9, 1]) {
  Conv2D(8, 3, padding: .same, activation: .relu)
  MaxPool2D(3)
  Flatten()
  Dense(3)
}

private let validation = Thirds.labelSets(40, seed: 2)

private func recipe(epochs: Int, _ change: (inout Recipe) -> Void = { _ in }) -> Recipe {
  var recipe = Recipe(
    model: "test", imageSize: 9, epochs: epochs, batchSize: 16, optimizer: Optimizer(.adam()),
    learningRate: 0.01)
  change(&recipe)
  return recipe
}

private func task(
  _ recipe: Recipe, training: Dataset = Thirds.labelSets(160, seed: 1),
  validation: Dataset? = validation, pretrained: PretrainedModel? = nil
) throws -> ClassifierTask {
  let count = training.classNames.count
  let network =
    try pretrained?.network(classes: count, imageSize: 9, isMultiLabel: true)
    ?? network.withClasses(count, activation: .sigmoid)
  return ClassifierTask(
    settings: ClassifierSettings(
      classNames: training.classNames, isMultiLabel: true, trainingCounts: training.classCounts,
      validationCounts: validation?.classCounts ?? [], recipe: recipe,
      fineTuning: try pretrained?.fineTuning(
        .none, images: training.count, classes: 2,
        keepsHead: pretrained?.tells(training.classNames, isMultiLabel: true) ?? false),
      input: Thirds.form),
    network: network, images: TrainingSplit(training: training, validation: validation),
    pretrainedWeights: try pretrained?.weights(
      for: network, classNames: training.classNames, isMultiLabel: true) ?? TensorTable(),
    card: ModelCard(name: "test"))
}

private func train(_ task: ClassifierTask, _ run: TemporaryRun) throws -> [EpochReport] {
  var reports: [EpochReport] = []
  let end = try Trainer(task, settings: TrainingSettings(seed: 5, threads: 1), folder: run.folder)
    .train { if case .epoch(let report) = $0 { reports.append(report) } }
  #expect(end == .complete)
  return reports
}

private func evaluated(_ path: String, _ images: Dataset = validation) throws -> LabelEvaluation {
  let model = try Classifier(path: path)
  return try ClassifierEvaluator(
    predictor: try model.predictor(batchSize: 7, options: PlanOptions(threads: 1)),
    images: images, form: model.preprocessing
  ).evaluateLabels().evaluation
}

/// Labels that hold or not, each on its own.
@Suite struct MultiLabelTests {
  @Test func learnsLabelsThatExcludeNothing() throws {
    let run = try TemporaryRun()
    let reports = try train(try task(recipe(epochs: 12)), run)
    let last = try #require(reports.last)
    #expect(try #require(last.values["validation_map"]) > 0.95)
    #expect(try #require(last.values["validation_micro_f1"]) > 0.9)
    #expect(last.values["accuracy"] == nil)
    #expect(try #require(last.values["loss"]) < 0.2)
    let log = String(decoding: run.bytes("log.csv"), as: UTF8.self)
    #expect(
      log.hasPrefix(
        "epoch,step,learning_rate,loss,validation_loss,validation_map,validation_micro_f1,"
          + "validation_macro_f1\n"))
    #expect(!run.folder.contains(run.folder.file("confusion.png")))

    let model = try Classifier(path: run.folder.best)
    #expect(model.classes.activation == .sigmoid && model.classes.meaning == .labels)
    #expect(model.classNames == ["left", "middle", "right"])
    let result = try evaluated(run.folder.best)
    #expect(result.count == 40)
    #expect(result.meanAveragePrecision == model.card.metrics["mean_average_precision"])
    #expect(result.microF1 == model.card.metrics["micro_f1"])
    #expect(model.card.metrics["accuracy"] == nil && model.card.confusion.isEmpty)
    #expect(model.card.evaluatedOn == "40 validation images")
  }

  @Test func theBestEpochHasTheHighestMeanAveragePrecision() throws {
    let run = try TemporaryRun()
    let reports = try train(try task(recipe(epochs: 6) { $0.schedule = .constant }), run)
    let precisions = reports.map { $0.values["validation_map"] ?? 0 }
    let best = try Classifier(path: run.folder.best).card.metrics["mean_average_precision"]
    #expect(best == precisions.max())
  }

  /// One label is a probability of its own, not one of two classes.
  @Test func oneLabelIsLearned() throws {
    func dataset(_ count: Int, seed: UInt64) -> Dataset {
      let all = Thirds.labelSets(count, seed: seed)
      guard case .labelSets(let sets) = all.annotation else { return all }
      return Dataset(
        classNames: ["middle"],
        annotation: .labelSets(sets.map { $0.contains(1) ? [0] : [] }), names: all.names,
        source: all.source)
    }
    let run = try TemporaryRun()
    let held = dataset(40, seed: 2)
    _ = try train(
      try task(recipe(epochs: 12), training: dataset(160, seed: 1), validation: held), run)
    let model = try Classifier(path: run.folder.best)
    #expect(model.classNames == ["middle"] && model.classes.count == 1)
    #expect(model.classes.activation == .sigmoid)
    #expect(try evaluated(run.folder.best, held).meanAveragePrecision > 0.95)
    #expect(try evaluated(run.folder.best, held).labels[0].support == held.classCounts[0])
  }

  /// A label of few images is found more often where they count as much as the others.
  @Test func balancingFindsRareLabels() throws {
    let all = Thirds.labelSets(200, seed: 3)
    guard case .labelSets(let sets) = all.annotation else { return }
    // Half a dozen images with the middle, and all without.
    let rare = sets.indices.filter { sets[$0].contains(1) }.prefix(6)
    let training = all[sets.indices.filter { !sets[$0].contains(1) || rare.contains($0) }]
    func recall(balanced: Bool) throws -> Double {
      let run = try TemporaryRun()
      _ = try train(
        try task(
          recipe(epochs: 6) {
            $0.balancesClasses = balanced
            $0.schedule = .constant
          }, training: training, validation: nil), run)
      return try evaluated(run.folder.best).labels[1].recall ?? 0
    }
    let (plain, balanced) = (try recall(balanced: false), try recall(balanced: true))
    #expect(balanced > plain + 0.2, "\(balanced), \(plain)")
  }

  /// From a network that tells one third from another by a softmax: a new head, which learns alone first.
  @Test func aTrainedNetworkLearnsLabels() throws {
    let base = try TemporaryRun()
    let thirds = Thirds.images(150, seed: 1, classNames: ["left", "middle", "right"])
    let softmax = ClassifierTask(
      settings: ClassifierSettings(
        classNames: thirds.classNames, trainingCounts: thirds.classCounts, validationCounts: [],
        recipe: recipe(epochs: 6), input: Thirds.form),
      network: network, images: TrainingSplit(training: thirds, validation: nil),
      card: ModelCard(name: "base"))
    _ = try train(softmax, base)
    let pretrained = try PretrainedModel(path: base.folder.best, name: "base")
    // The names are the same, but probabilities of classes are none of labels.
    #expect(pretrained.tells(["left", "middle", "right"], isMultiLabel: false))
    #expect(!pretrained.tells(["left", "middle", "right"], isMultiLabel: true))
    let run = try TemporaryRun()
    let reports = try train(try task(recipe(epochs: 2), pretrained: pretrained), run)
    #expect(reports.count == 3 && reports[0].epoch == 0)
    #expect(try #require(reports[0].values["validation_map"]) > 0.9)
    let model = try Classifier(path: run.folder.best)
    #expect(model.classes.activation == .sigmoid)

    // And on from there, with the head that it has.
    let own = try PretrainedModel(path: run.folder.best, name: "labels")
    let again = try TemporaryRun()
    #expect(try train(try task(recipe(epochs: 1), pretrained: own), again).count == 1)
  }

  /// From a list of files, every tenth held out.
  @Test func dataFromAList() throws {
    let place = TemporaryFolder()
    let images = Thirds.labelSets(20, seed: 7)
    guard case .labelSets(let sets) = images.annotation else { return }
    var text = "path,left,middle,right\n"
    for (index, set) in sets.enumerated() {
      try images.image(at: index).write(path: place.path + "/\(index).png")
      text +=
        "\(index).png," + (0..<3).map { set.contains($0) ? "1" : "0" }.joined(separator: ",")
        + "\n"
    }
    let list = place.write(Array(text.utf8), to: "list.csv")
    let data = try TrainingData(path: list, validationPath: list, isMultiLabel: true)
    #expect(data.validation?.annotation == images.annotation)
    let found = try TrainingData(path: list, isMultiLabel: true)
    #expect(found.training.annotation == images.annotation)
    var recipe = Recipe.default(for: found)
    #expect(recipe.labelSmoothing == 0)
    (recipe.model, recipe.imageSize) = ("small-cnn", 20)
    let task = try ClassifierTask(data: found, recipe: recipe, card: ModelCard(name: "test"))
    #expect(task.settings.isMultiLabel == true)
    #expect(task.images.training.count == 18 && task.images.validation?.count == 2)
    let end = task.network.layers.last?.layer as? Dense
    #expect(end?.activation == .sigmoid)
    #expect(
      throws: TrainingError.self
    ) { try TrainingData(path: place.path, isMultiLabel: true) }

    // Labels that a model does not know are left out and named.
    let (matched, warnings) = try found.training.matched(
      to: ["right", "top", "left"], path: list)
    #expect(warnings == [.unknownLabels(path: list, names: ["middle"])])
    #expect(matched.classCounts == [images.classCounts[2], 0, images.classCounts[0]])
  }
}
