import Engine
import Files
import Graphs
import ModelFiles
import Networks

/// A classifier for images that come one by one: those that are there at a time go through the network together.
///
/// A batch is computed by plans for 16, 8, 4, 2 and 1 images, as many as fit, so that nothing is computed for places
/// that are empty. Not to be used from two threads at once.
public final class ClassifierBatches {
  /// An image as the network takes it, C × H × W, and how many labels it is to get.
  public struct Input: Sendable {
    let values: [Float]
    let top: Int

    /// - Parameter values: `Preprocessing.elementCount` numbers.
    public init(values: [Float], top: Int) {
      self.values = values
      self.top = top
    }
  }

  /// More than this are not worth computing together.
  public let largest: Int
  private let model: Classifier
  private let options: PlanOptions
  private var plans: [Int: Predictor] = [:]

  public init(_ model: Classifier, options: PlanOptions = PlanOptions()) throws(InferenceError) {
    self.model = model
    var options = options
    // Of a small network a second thread is waited for longer than it helps.
    let multiplyAdds = (try? model.network.summary().multiplyAdds) ?? .max
    if options.threads == nil, multiplyAdds < 1 << 29 { options.threads = 1 }
    self.options = options
    do throws(NetworkError) {
      let built = try model.network.build(on: Graph(), batch: 16, mode: .inference)
      largest = Predictor.imagesAtOnce(in: built, of: 16)
    } catch { throw InferenceError(wrapping: error) }
  }

  /// Classifies images; each result is its own, also where the numbers of one cannot be used.
  ///
  /// - Parameter cancellation: looked at while they are computed.
  /// - Throws: where the network cannot be computed.
  public func classify(
    _ inputs: [Input], _ cancellation: Cancellation? = nil
  ) throws(InferenceError) -> [Result<Classification, InferenceError>] {
    var results: [Result<Classification, InferenceError>] = []
    while results.count < inputs.count {
      let left = min(inputs.count - results.count, largest)
      var size = 1
      while 2 * size <= left { size *= 2 }
      let part = inputs[results.count..<results.count + size]
      let predictor = try predictor(for: size)
      predictor.cancellation = cancellation
      results += try classify(part, predictor)
    }
    return results
  }

  private func predictor(for size: Int) throws(InferenceError) -> Predictor {
    if let plan = plans[size] { return plan }
    let plan = try model.predictor(batchSize: size, options: options)
    plans[size] = plan
    return plan
  }

  private func classify(
    _ inputs: ArraySlice<Input>, _ predictor: Predictor
  ) throws(InferenceError) -> [Result<Classification, InferenceError>] {
    let elementCount = model.preprocessing.elementCount
    let classCount = predictor.classCount
    return try predictor.logits { target in
      for (row, input) in inputs.enumerated() {
        _ = target.extracting(row * elementCount..<(row + 1) * elementCount)
          .update(fromContentsOf: input.values.prefix(elementCount))
      }
    } _: { _, logits in
      inputs.enumerated().map { row, input in
        Result { () throws(InferenceError) in
          try Classification(
            logits: logits.extracting(row * classCount..<(row + 1) * classCount),
            labels: model.classNames, count: input.top, groups: model.groups,
            activation: predictor.activation)
        }
      }
    }
  }
}
