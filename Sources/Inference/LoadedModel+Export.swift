import Graphs
import ModelFiles
import Networks
import ONNX
import Tensors

extension LoadedModel {
  /// The network as an ONNX file, with its card among the file's metadata.
  ///
  /// A classifier takes `input`, N × C × H × W, normalized as the card says, and makes `logits`, or
  /// `probabilities` on request and where logits would not tell what they mean: of labels that hold or
  /// not, each on its own; a segmenter makes the same of each pixel, N × K × H × W; a generator takes `input`, N × F, and makes `images` in −1…1.
  ///
  /// - Throws: where the network has an operation that ONNX has not.
  public func exported(probabilities: Bool = false) throws(InferenceError) -> ONNXExport {
    try nonFiniteWeights.requireNumbers()
    do {
      let batch = try ONNXExport.batch(avoiding: network)
      let built = try network.build(on: Graph(), batch: batch, mode: .inference)
      let output: (String, Node)
      if parts[0].classes == nil, classifiesPixels(built.output) {
        output =
          probabilities
          ? ("probabilities", try built.output.applying(Softmax(axis: 1)))
          : ("logits", built.output)
      } else if parts[0].classes == nil {
        output = ("images", built.output)
      } else {
        let scores = try built.classScores(labelCount: card.classNames.count)
        output =
          probabilities || scores.activation != .softmax
          ? ("probabilities", try scores.probabilities()) : ("logits", scores.logits)
      }
      var metadata = otherMetadata
      metadata[ONNXExport.cardKey] = try JSONText.encode(card)
      return try ONNXExport(
        name: card.name, batch: batch, outputs: [output], metadata: metadata
      ) { variables[$0] }
    } catch { throw InferenceError(wrapping: error) }
  }

  /// Whether the output holds a plane for each class.
  private func classifiesPixels(_ output: Node) -> Bool {
    output.shape.rank == 4 && !card.classNames.isEmpty && output.shape[1] == card.classNames.count
  }
}

extension ONNXExport {
  /// A batch that is no extent of anything in a network: a prime that divides none.
  fileprivate static func batch(avoiding network: Network) throws(NetworkError) -> Int {
    let graph = Graph()
    _ = try network.build(on: graph, batch: 1, mode: .inference)
    let extents = Set(graph.vertices.flatMap { $0.shapes.flatMap(\.dimensions) })
    let primes = [61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137]
    return primes.first { prime in extents.allSatisfy { $0 % prime != 0 } } ?? 149
  }
}
