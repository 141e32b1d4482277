import Datasets
import Engine
import Graphs
import Inference
import ModelFiles
import Networks
import Tensors
import TestSupport
import Testing

/// What speaks for a class, against numbers that are worked by hand and against difference quotients.
@Suite struct SequenceInspectorTests {
  private let folder = TemporaryFolder()

  private func model(
    _ network: Network, _ input: SequencePreprocessing, _ values: [String: [Float]]? = nil
  ) throws -> SequenceClassifier {
    let graph = Graph()
    _ = try network.build(on: graph, batch: 1, mode: .inference)
    let store = VariableStore()
    try store.initialize(graph.variables, random: RandomSource(seed: 4))
    var tensors = TensorTable()
    for variable in graph.variables {
      tensors[variable.name] =
        values?[variable.name].map { Tensor(variable.shape, $0) } ?? store[variable.name]
    }
    var card = ModelCard(name: "test")
    card.classNames = ["a", "b"]
    card.sequences = input
    let path = folder.path + "/model.safetensors"
    try ModelFile(tensors: tensors, architecture: try network.json(), card: card).write(to: path)
    return try #require(try LoadedModel(path: path).sequenceClassifier())
  }

  /// The mean of the tokens' vectors: a token's contribution to a is its product with the difference of both
  /// rows of weights, divided by the number of tokens.
  @Test func wordsOfAMean() throws {
    let network = Network(inputs: [NetworkInput("sequence", [5]), .lengths]) {
      Embedding(4, 2)
      GlobalAveragePool()
      Dense(2)
    }
    let text = TextPreprocessing(vocabulary: ["good", "bad"])
    let model = try model(
      network, .text(text),
      [
        "embedding1.weight": [0, 0, 1, 1, 3, 0, 0, 2], "dense1.weight": [1, 0, 0, 4],
        "dense1.bias": [0, 0],
      ])
    let sequence = TokenNumbers(text).sequence(of: "bad good other good")
    let inspector = try SequenceInspector(model, sequence)
    // Rows of weights: (1, 0) for a, (0, 4) for b; good is (3, 0), bad (0, 2), others (1, 1).
    #expect(try inspector.contributions(for: 0) == [-2, 0.75, -0.75, 0.75])
    #expect(try inspector.contributions(for: 1) == [2, -0.75, 0.75, -0.75])
    let answer = try inspector.classification(labels: ["a", "b"])
    #expect(answer.best.label == "b")
    #expect(throws: InferenceError.self) { try inspector.contributions(for: 2) }
    let nothing = try SequenceInspector(model, TokenNumbers(text).sequence(of: "?"))
    #expect(try nothing.contributions(for: 0).isEmpty)
  }

  /// Gradients of a recurrent network are those of difference quotients.
  @Test func stepsOfASeries() throws {
    let network = Network(inputs: [NetworkInput("sequence", [6, 2]), .lengths]) {
      GRU(5)
      Dense(2)
    }
    let scale = SeriesPreprocessing(mean: [0, 0], std: [1, 1])
    let model = try model(network, .series(scale))
    let values: [Float] = [0.3, -1, 2, 0.5, 1.2, -0.7, 0.1, 0.4]
    func score(_ values: [Float]) throws -> Float {
      let predictor = try model.predictor(batchSize: 1)
      let examples = model.examples(
        LabeledExamples(
          classNames: ["a", "b"], labels: [0], names: ["x"],
          elements: [FeatureSequence(features: 2, values: values)]))
      let loader = Loader(examples, batchSize: 1)
      return try loader.next { batch in
        try predictor.logits(of: batch, steps: 4) { $0[0] - $0[1] }
      }
    }
    let inspector = try SequenceInspector(model, FeatureSequence(features: 2, values: values))
    let contributions = try inspector.contributions(for: 0)
    #expect(contributions.count == 8)
    for place in values.indices {
      var (up, down) = (values, values)
      up[place] += 0.02
      down[place] -= 0.02
      let slope = try (score(up) - score(down)) / 0.04
      #expect(abs(contributions[place] - slope * values[place]) < 2e-3)
    }
  }

  /// Of a clip each frame has a number: all of the sum that a linear network adds up.
  @Test func framesOfAClip() throws {
    let network = Network(inputs: [NetworkInput("sequence", [2, 2, 2, 1]), .lengths]) {
      FrameAverage()
      Flatten()
      Dense(2)
    }
    let form = Preprocessing(width: 2, height: 2, channels: 1, mean: [0], std: [1])
    let model = try model(
      network, .clip(form),
      ["dense1.weight": [1, 1, 1, 1, 0, 0, 0, 0], "dense1.bias": [0, 0]])
    let clip = FeatureSequence(
      features: 1, extent: [2, 2], values: [1, 0, 0, 1, 2, 2, 2, 0, 0, 0, 0, 0])
    let contributions = try SequenceInspector(model, clip).contributions(for: 0)
    #expect(zip(contributions, [2.0 / 3, 2, 0]).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(contributions.count == 3)
  }
}
