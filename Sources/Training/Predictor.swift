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
    let graph = Graph()
    do {
      let built = try network.build(on: graph, batch: batchSize, mode: .inference)
      guard built.logits.shape.rank == 2 else {
        throw TrainingError.network("the network answers \(built.logits.shape), not with classes")
      }
      images = built.input
      logits = built.logits
      plan = try Plan(
        graph, outputs: [logits], assignments: .none, variables: variables, options: options)
    } catch { throw TrainingError(wrapping: error) }
    self.batchSize = batchSize
    self.mirrors = mirrors
    classCount = logits.shape[1]
    answers = Array(repeating: 0, count: logits.shape.count)
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
      filled = try plan.withInput(images, fill)
      try plan.run()
      guard mirrors else { return try plan.withOutput(logits) { body(filled, $0) } }
      try plan.withOutput(logits) { plain in
        for index in answers.indices { answers[index] = plain[index] / 2 }
      }
      let width = images.shape[images.shape.rank - 1]
      try plan.withInput(images) { Self.mirror($0, width: width) }
      try plan.run()
      try plan.withOutput(logits) { mirrored in
        for index in answers.indices { answers[index] += mirrored[index] / 2 }
      }
    } catch { throw TrainingError(wrapping: error) }
    return answers.withUnsafeBufferPointer { body(filled, $0) }
  }

  /// Turns each row of pixels around.
  private static func mirror(_ pixels: UnsafeMutableBufferPointer<Float>, width: Int) {
    for row in stride(from: 0, to: pixels.count - width + 1, by: width) {
      for x in 0..<(width / 2) { pixels.swapAt(row + x, row + width - 1 - x) }
    }
  }
}
