import Engine
import Graphs
import Networks
import Tensors

/// A trained classifier made ready to run: validation, `evaluate` and `classify` ask it.
///
/// The batch is fixed; of a smaller one the rest is computed and not looked at.
public final class Predictor {
  /// Pictures in a batch.
  public let batchSize: Int
  /// How many numbers one picture's answer has.
  public let classCount: Int

  private let plan: Plan
  private let images: Node
  private let logits: Node
  private let mirrors: Bool
  /// The batch, where the plan takes it in parts.
  private var pictures: [Float]
  private var answers: [Float]

  /// - Parameters:
  ///   - network: its logits are the answer, also where it ends in a softmax.
  ///   - variables: hold the network's values, now or at the time of each call.
  ///   - mirrors: whether each picture is seen mirrored, too, and the logits of both are averaged
  ///     (Krizhevsky et al. 2012, section 4.1, where ten views are averaged).
  public init(
    network: Network, variables: VariableStore, batchSize: Int, mirrors: Bool,
    options: PlanOptions
  ) throws(TrainingError) {
    do {
      var graph = Graph()
      var built = try network.build(on: graph, batch: batchSize, mode: .inference)
      let part = Self.picturesAtOnce(in: built, of: batchSize)
      if part < batchSize {
        graph = Graph()
        built = try network.build(on: graph, batch: part, mode: .inference)
      }
      guard built.logits.shape.rank == 2 else {
        throw TrainingError.network("the network answers \(built.logits.shape), not with classes")
      }
      images = built.input
      logits = built.logits
      plan = try Plan(
        graph, outputs: [logits], assignments: .none, variables: variables, options: options)
      let valuesEach = images.shape.count / part
      pictures = Array(repeating: 0, count: part < batchSize ? batchSize * valuesEach : 0)
    } catch { throw TrainingError(wrapping: error) }
    self.batchSize = batchSize
    self.mirrors = mirrors
    classCount = logits.shape[1]
    answers = Array(repeating: 0, count: batchSize * classCount)
  }

  /// How many pictures of a batch go through the network together: all, or fewer where its layers
  /// write much for little arithmetic, so that what one writes is in the cache when the next reads it.
  ///
  /// MobileNetV2, 45 multiply-adds for a number written, takes 1.9 ms a picture in fours and 2.4 in
  /// batches of 32; ResNets, with hundreds, are fastest in large batches.
  private static func picturesAtOnce(in network: BuiltNetwork, of batchSize: Int) -> Int {
    let written = network.layers.map { Double($0.output.shape.count) }
    let multiplyAdds = network.layers.reduce(0) { $0 + Double($1.multiplyAdds) }
    guard let largest = written.max(), multiplyAdds < 100 * written.reduce(0, +) else {
      return batchSize
    }
    // What the largest of the layers writes should fit half of a usual last cache.
    let cached = max(1, Int(Double(batchSize) * 5_000_000 / largest))
    let parts = (batchSize + cached - 1) / cached
    return (batchSize + parts - 1) / parts
  }

  /// Computes the logits of up to `batchSize` pictures.
  ///
  /// - Parameters:
  ///   - fill: writes the pictures, N × C × H × W, normalised as the model was trained; what it
  ///     returns goes to `body`.
  ///   - body: gets the logits, `batchSize` × `classCount`.
  public func logits<Filled, Result>(
    fill: (UnsafeMutableBufferPointer<Float>) -> Filled,
    _ body: (Filled, UnsafeBufferPointer<Float>) -> Result
  ) throws(TrainingError) -> Result {
    let filled: Filled
    do {
      if pictures.isEmpty {
        filled = try plan.withInput(images, fill)
        try answer(from: 0)
      } else {
        filled = pictures.withUnsafeMutableBufferPointer { fill($0) }
        for first in stride(from: 0, to: batchSize, by: images.shape[0]) {
          let start = first * (pictures.count / batchSize)
          try plan.withInput(images) { part in
            let end = min(start + part.count, pictures.count)
            _ = part.update(fromContentsOf: pictures[start..<end])
          }
          try answer(from: first)
        }
      }
    } catch { throw TrainingError(wrapping: error) }
    return answers.withUnsafeBufferPointer { body(filled, $0) }
  }

  /// Computes the answers to the pictures that the plan has got, the first of which is `first`.
  private func answer(from first: Int) throws(EngineError) {
    let start = first * classCount
    let count = min(logits.shape.count, answers.count - start)
    try plan.run()
    try plan.withOutput(logits) { plain in
      for index in 0..<count { answers[start + index] = plain[index] }
    }
    guard mirrors else { return }
    let width = images.shape[images.shape.rank - 1]
    try plan.withInput(images) { Self.mirror($0, width: width) }
    try plan.run()
    try plan.withOutput(logits) { mirrored in
      for index in 0..<count {
        answers[start + index] = answers[start + index] / 2 + mirrored[index] / 2
      }
    }
  }

  /// Turns each row of pixels around.
  private static func mirror(_ pixels: UnsafeMutableBufferPointer<Float>, width: Int) {
    for row in stride(from: 0, to: pixels.count - width + 1, by: width) {
      for x in 0..<(width / 2) { pixels.swapAt(row + x, row + width - 1 - x) }
    }
  }
}
