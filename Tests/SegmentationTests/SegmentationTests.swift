import Datasets
import Engine
import Graphs
import Images
import Inference
import ModelFiles
import Networks
import Segmentation
import Tensors
import TestSupport
import Testing
import Training

@Suite struct SegmentationTests {
  // MARK: - Loss

  private func loss(_ loss: PixelLoss, _ logits: Tensor, _ mask: Tensor) throws -> Float {
    let graph = Graph()
    let (x, t) = (try graph.input("x", logits.shape), try graph.input("t", mask.shape))
    let value = try loss(x, t)
    let plan = try Plan(graph, outputs: [value], variables: VariableStore())
    try plan.setInput(x, logits)
    try plan.setInput(t, mask)
    try plan.run()
    return try plan.output(value).scalars[0]
  }

  /// Three pixels: of class 0 at p = ½, of class 1 at p = ¾ and without a class. By hand, with weights 1 and 3:
  /// (ln 2 + 3 ln 4⁄3) / 4.
  @Test func weightedCrossEntropy() throws {
    let logits = Tensor([1, 2, 1, 3], [0, 0, 9, 0, 1.0986123, -9])
    let mask = Tensor([1, 2, 1, 3], [1, 0, 0, 0, 1, 0])
    let value = try loss(PixelLoss(.crossEntropy, classWeights: [1, 3]), logits, mask)
    #expect(abs(value - 0.389048) < 1e-5)
    let none = try loss(
      PixelLoss(.crossEntropy, classWeights: [1, 3]), logits, Tensor(mask.shape, repeating: 0))
    #expect(none == 0)
  }

  /// The same pixels: Σ p·t is ½ and ¾; Σ p is ¾ and 1¼ over the pixels that count; Σ t is 1 each. Dice's
  /// coefficients, with 1 added above and below: 2 ⁄ 2¾ and 2½ ⁄ 3¼.
  @Test func dice() throws {
    let logits = Tensor([1, 2, 1, 3], [0, 0, 9, 0, 1.0986123, -9])
    let mask = Tensor([1, 2, 1, 3], [1, 0, 0, 0, 1, 0])
    let value = try loss(PixelLoss(.dice, classWeights: [1, 1]), logits, mask)
    #expect(abs(value - (1 - (2 / 2.75 + 2.5 / 3.25) / 2)) < 1e-5)
  }

  @Test(arguments: SegmentationSettings.Objective.allCases)
  func lossGradients(objective: SegmentationSettings.Objective) throws {
    var random = RandomSource(seed: 3)
    let logits = ReferenceTensor.random([2, 3, 2, 2], from: -1, to: 1, &random)
    let check = try GradientCheck([logits]) { (x) throws(GraphError) in
      let mask = x[0].graph.constant(
        Tensor([2, 3, 2, 2], (0..<24).map { $0 / 4 % 3 == $0 % 5 ? 1 : 0 }))
      return try PixelLoss(objective, classWeights: [1, 2, 0.5])(x[0], mask)
    }
    #expect(check.largestError < 1e-6)
  }

  /// By hand, for shares of ¾, ¼ and 0.
  @Test func classWeights() {
    func near(_ kind: SegmentationSettings.ClassWeighting, _ expected: [Float]) {
      let weights = kind.weights(counts: [75, 25, 0])
      for (a, b) in zip(weights, expected) { #expect(abs(a - b) < 1e-4, "\(kind): \(weights)") }
    }
    near(.none, [1, 1, 0])
    // The median of ¼ and ¾ is taken as the larger; weights 1 and 3, whose mean over the pixels is 1½.
    near(.median, [2.0 / 3, 2, 0])
    // 1 / ln 1.85 = 1.62551 and 1 / ln 1.35 = 3.33220, of mean 2.05218.
    near(.logarithmic, [0.79209, 1.62374, 0])
    #expect(SegmentationSettings.ClassWeighting.median.weights(counts: [0, 0]) == [1, 1])
  }

  // MARK: - Measures

  /// Four classes, of which one is neither there nor predicted: IoU 2⁄4, 1⁄3, 0 and none.
  @Test func intersectionOverUnion() {
    let classes = MaskClasses(
      kind: .index, names: ["a", "b", "c", "d"], values: [0, 1, 2, 3], colors: [1, 2, 3, 4])
    var evaluation = SegmentationEvaluation(classes)
    func map(_ bytes: [UInt8]) -> Image {
      Image(layout: PixelLayout(width: 3, height: 2, channels: 1), bytes: bytes)
    }
    evaluation.add("x", index: 0, map: map([0, 0, 1, 1, 0, 2]), mask: map([0, 0, 0, 1, 1, 255]))
    #expect(
      evaluation.confusion.rows == [[2, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    #expect(evaluation.confusion.iou(of: 0) == 0.5)
    #expect(evaluation.confusion.iou(of: 2) == nil)
    evaluation.add("y", index: 1, map: map([2, 0, 0, 0, 0, 0]), mask: map([0, 0, 0, 0, 0, 0]))
    #expect(evaluation.confusion.iou(of: 2) == 0)
    let expected = (7.0 / 10 + 1.0 / 3) / 3
    #expect(abs(evaluation.confusion.meanIoU - expected) < 1e-12)
    #expect(evaluation.confusion.accuracy == 8.0 / 11)
    #expect(evaluation.worst.map(\.name) == ["x", "y"])
  }

  @Test func overlaysMixColors() {
    let classes = MaskClasses(kind: .index, names: ["a"], values: [0], colors: [0xFF8001])
    let image = Image(layout: PixelLayout(width: 2, height: 1, channels: 1), bytes: [100, 7])
    let map = Image(layout: PixelLayout(width: 2, height: 1, channels: 1), bytes: [0, 255])
    classes.overlay(map, over: image).withUnsafeBytes {
      #expect(Array($0) == [177, 114, 50, 7, 7, 7])
    }
  }

  // MARK: - Training

  /// Bright squares on dark ground, and where they are.
  private func squares(_ count: Int, seed: UInt64) -> MaskedImages {
    var random = RandomSource(seed: seed)
    var (images, masks): ([Image], [Image]) = ([], [])
    let classes = MaskClasses(
      kind: .index, names: ["ground", "square"], values: [0, 200], colors: [0, 0xFFFFFF])
    for _ in 0..<count {
      let (left, top) = (random.integer(below: 20), random.integer(below: 20))
      var image = Image(layout: PixelLayout(width: 40, height: 36, channels: 1))
      var mask = image
      image.withUnsafeMutableBytes { pixels in
        mask.withUnsafeMutableBytes { labels in
          for place in pixels.indices {
            let isInside =
              (left..<left + 16).contains(place % 40) && (top..<top + 14).contains(place / 40)
            pixels[place] = UInt8((isInside ? 150 : 60) + random.integer(below: 60))
            labels[place] = isInside ? 1 : 0
          }
        }
      }
      images.append(image)
      masks.append(mask)
    }
    func dataset(_ images: [Image]) -> Dataset {
      Dataset(
        classNames: [""], labels: images.map { _ in 0 },
        names: images.indices.map { "square \($0)" }, source: .memory(images))
    }
    return MaskedImages(
      images: dataset(images), masks: dataset(masks), classes: classes, channels: 1)
  }

  /// A small training learns to tell squares from their ground, and its file gives what was measured.
  @Test(arguments: [SegmentationNetwork.unetSmall, .unetHalf])
  func learns(network: SegmentationNetwork) throws {
    let (training, validation) = (squares(16, seed: 1), squares(4, seed: 2))
    let run = try TemporaryRun()
    let task = try SegmentationTask(
      settings: SegmentationSettings(
        data: DataIdentity(path: "squares", names: training.images.names), network: network,
        classes: training.classes, channels: 1, width: 32, height: 32, augmentation: [.flip],
        epochs: 2, batchSize: 4, stepsPerEpoch: 12, learningRate: 5e-3),
      training: training, validation: validation, card: ModelCard(name: "squares"))
    let trainer = try Trainer(
      task, settings: TrainingSettings(seed: 1, threads: 2), folder: run.folder)
    #expect(try trainer.train() == .complete)
    let best = try #require(trainer.best?.values["mean_iou"])
    #expect(best > 0.8, "\(best)")
    for name in ["confusion.png", "mistakes.png", "curves.png"] {
      #expect(run.folder.contains(run.folder.file(name)))
    }

    let segmenter = try Segmenter(path: run.folder.best)
    #expect(segmenter.card.classNames == ["ground", "square"] && segmenter.channels == 1)
    var evaluation = SegmentationEvaluation(segmenter.classes)
    for index in 0..<validation.count {
      let map = try segmenter.classMap(of: validation.images.image(at: index), threads: 2)
      evaluation.add(
        "\(index)", index: index, map: map, mask: try validation.masks.image(at: index))
      #expect(segmenter.areas(of: map).reduce(0, +) == 40 * 36)
      segmenter.mask(of: map).withUnsafeBytes { #expect(Set($0).isSubset(of: [0, 200])) }
    }
    #expect(abs(evaluation.confusion.meanIoU - best) < 1e-9)
  }

  @Test func otherFilesAreRefused() throws {
    let folder = TemporaryFolder()
    let network = Network(input: [8, 8, 1]) { Conv2D(2, 1) }
    var tensors = TensorTable()
    for variable in try network.build(on: .init(), batch: 1, mode: .inference).input.graph
      .variables
    { tensors[variable.name] = .zeros(variable.shape) }
    var card = ModelCard(name: "x")
    card.preprocessing = Preprocessing(width: 8, height: 8, channels: 1, mean: [0], std: [1])
    let masks = #"{"kind":"index","names":["a","b"],"values":[0,1],"colors":[0,1]}"#
    for (task, metadata, problem) in [
      ("segmentation", ["masks": masks], "does not say which network"),
      ("segmentation", ["network": "unet-small"], "does not say what its masks hold"),
      (
        "segmentation",
        ["network": "unet-small", "masks": masks.replacing("[0,1],\"c", with: "[0,0],\"c")],
        "does not say what its masks hold"
      ),
      ("classification", [:], "is a model for classification"),
    ] as [(String, [String: String], String)] {
      let path = folder.path + "/x.safetensors"
      try ModelFile(
        tensors: tensors, architecture: try network.json(), card: card,
        task: ModelTask(rawValue: task), otherMetadata: metadata
      ).write(to: path)
      #expect {
        try Segmenter(path: path)
      } throws: { "\($0)".contains(problem) }
    }
  }
}
