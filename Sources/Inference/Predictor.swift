import Engine
import Files
import Graphs
import Networks

/// A trained classifier made ready to run: validation, `evaluate` and `classify` use it.
///
/// The batch is fixed; of a smaller one the rest is computed and not looked at.
public final class Predictor {
  /// Images in a batch.
  public let batchSize: Int
  /// How many logits an image has.
  public let classCount: Int
  /// What makes probabilities of them.
  public let activation: ClassActivation

  /// Looked at while a batch is computed: first that of the options.
  package var cancellation: Cancellation? {
    get { runner.cancellation }
    set { runner.cancellation = newValue }
  }

  private let runner: BatchRunner
  private let usesFlipTTA: Bool
  /// The batch, where it goes through the network in parts.
  private var images: [Float]
  private var answers: [Float]

  /// - Parameters:
  ///   - network: its logits are what is predicted, also where it ends in a softmax or sigmoid.
  ///   - variables: hold the network's values, now or at the time of each call.
  ///   - labelCount: how many labels there are, where that is known: see
  ///     ``BuiltNetwork/classScores(labelCount:)``.
  ///   - scope: what the variables' names begin with, before the network's own.
  ///   - usesFlipTTA: whether the logits of each image and of its mirror image are averaged
  ///     (Krizhevsky et al. 2012, section 4.1, where ten views are averaged).
  public init(
    network: Network, variables: VariableStore, labelCount: Int? = nil, scope: String? = nil,
    batchSize: Int, usesFlipTTA: Bool, options: PlanOptions
  ) throws(InferenceError) {
    let part: Int
    do throws(NetworkError) {
      let built = try network.build(on: Graph(), batch: batchSize, mode: .inference)
      part = Self.imagesAtOnce(in: built, of: batchSize)
    } catch { throw InferenceError(wrapping: error) }
    var activation = ClassActivation.softmax
    runner = try BatchRunner(
      network, variables: variables, batchSize: part, scope: scope, options: options
    ) {
      let scores = try $0.classScores(labelCount: labelCount)
      activation = scores.activation
      return scores.logits
    }
    self.activation = activation
    self.batchSize = batchSize
    self.usesFlipTTA = usesFlipTTA
    classCount = runner.outputCount
    images = Array(repeating: 0, count: part < batchSize ? batchSize * runner.inputCount : 0)
    answers = Array(repeating: 0, count: batchSize * classCount)
  }

  /// How many images of a batch go through the network together: all, or fewer where its layers
  /// write much for little arithmetic, so that what one writes is in the cache when the next reads it.
  ///
  /// MobileNetV2, 45 multiply-adds for a number written, takes 1.9 ms an image in fours and 2.4 in
  /// batches of 32; ResNets, with hundreds, are fastest in large batches.
  static func imagesAtOnce(in network: BuiltNetwork, of batchSize: Int) -> Int {
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

  /// Computes the logits of up to `batchSize` images.
  ///
  /// - Parameters:
  ///   - fill: writes the images, N × C × H × W, normalized as the model was trained; what it
  ///     returns goes to `body`.
  ///   - body: gets the logits, `batchSize` × `classCount`.
  public func logits<Filled, Result>(
    fill: (UnsafeMutableBufferPointer<Float>) -> Filled,
    _ body: (Filled, UnsafeBufferPointer<Float>) -> Result
  ) throws(InferenceError) -> Result {
    let filled: Filled
    if images.isEmpty {
      filled = try predict(from: 0, fill: fill)
    } else {
      filled = images.withUnsafeMutableBufferPointer { fill($0) }
      for first in stride(from: 0, to: batchSize, by: runner.batchSize) {
        let start = first * runner.inputCount
        try predict(from: first) { part in
          let end = min(start + part.count, images.count)
          _ = part.update(fromContentsOf: images[start..<end])
        }
      }
    }
    return answers.withUnsafeBufferPointer { body(filled, $0) }
  }

  /// Computes the logits of the images that `fill` writes, the first of which is `first`.
  private func predict<Filled>(
    from first: Int, fill: (UnsafeMutableBufferPointer<Float>) -> Filled
  ) throws(InferenceError) -> Filled {
    let start = first * classCount
    let count = min(runner.output.shape.count, answers.count - start)
    let filled = try runner.runBatch(fill: fill) { filled, logits in
      for index in 0..<count { answers[start + index] = logits[index] }
      return filled
    }
    guard usesFlipTTA else { return filled }
    let width = runner.input.shape.dimensions.last ?? 1
    try runner.runBatch {
      Self.flip($0, width: width)
    } _: { _, logits in
      for index in 0..<count {
        answers[start + index] = answers[start + index] / 2 + logits[index] / 2
      }
    }
    return filled
  }

  /// Turns each row of pixels around.
  private static func flip(_ pixels: UnsafeMutableBufferPointer<Float>, width: Int) {
    for row in stride(from: 0, to: pixels.count - width + 1, by: width) {
      for x in 0..<(width / 2) { pixels.swapAt(row + x, row + width - 1 - x) }
    }
  }
}
