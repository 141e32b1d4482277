import Engine
import Files
import Graphs
import Networks

/// A network made ready to run on batches of one size; of a smaller batch the rest is computed with zeros,
/// and not looked at.
public final class BatchRunner {
  /// Elements in a batch.
  public let batchSize: Int
  /// What goes in: N × C × H × W, or N × F.
  public let input: Node
  /// What comes out, N in front.
  public let output: Node
  private let plan: Plan

  /// - Parameters:
  ///   - scope: what the names of the variables begin with, before the network's own.
  ///   - twin: a runner of the same network with the same variables, batches and options that has run: what was
  ///     made of its weights serves both, and each may have a thread of its own.
  ///   - output: the node that is wanted of the network.
  public init(
    _ network: Network, variables: VariableStore, batchSize: Int, scope: String? = nil,
    options: PlanOptions = PlanOptions(), twin: BatchRunner? = nil,
    output: (BuiltNetwork) throws -> Node = { $0.output }
  ) throws(InferenceError) {
    do {
      let graph = Graph()
      let built = try network.build(on: graph, batch: batchSize, mode: .inference, scope: scope)
      input = built.input
      self.output = try output(built)
      plan = try Plan(
        graph, outputs: [self.output], assignments: .none, variables: variables, options: options,
        twin: twin?.plan)
    } catch { throw InferenceError(wrapping: error) }
    self.batchSize = batchSize
  }

  /// Numbers of one element that goes in.
  public var inputCount: Int { input.shape.count / batchSize }
  /// Numbers of one element that comes out.
  public var outputCount: Int { output.shape.count / batchSize }

  /// Looked at while a batch is computed: first that of the options.
  package var cancellation: Cancellation? {
    get { plan.cancellation }
    set { plan.cancellation = newValue }
  }

  /// Bytes that the plan takes.
  public var memoryByteCount: Int { plan.memoryByteCount }

  /// Lets `body` write the whole input, which stays until it is written again.
  func fill<Result>(
    _ body: (UnsafeMutableBufferPointer<Float>) -> Result
  ) throws(InferenceError) -> Result {
    do { return try plan.withInput(input, body) } catch { throw InferenceError(wrapping: error) }
  }

  /// Runs the batch that is written, and lets `body` read the whole output.
  func run(_ body: (UnsafeBufferPointer<Float>) -> Void) throws(InferenceError) {
    do {
      try plan.run()
      try plan.withOutput(output, body)
    } catch { throw InferenceError(wrapping: error) }
  }

  /// Runs one batch.
  ///
  /// - Parameters:
  ///   - fill: writes the whole batch; what it returns goes to `body`.
  ///   - body: gets the whole output.
  public func runBatch<Filled, Outcome>(
    fill: (UnsafeMutableBufferPointer<Float>) -> Filled,
    _ body: (Filled, UnsafeBufferPointer<Float>) -> Outcome
  ) throws(InferenceError) -> Outcome {
    do {
      let filled = try plan.withInput(input, fill)
      try plan.run()
      return try plan.withOutput(output) { body(filled, $0) }
    } catch { throw InferenceError(wrapping: error) }
  }

  /// Runs any number of elements, batch after batch.
  ///
  /// - Parameters:
  ///   - fill: writes the element of a number.
  ///   - body: gets the number and the output of each element, in order.
  public func run<FillFailure: Error, Failure: Error>(
    count: Int, fill: (Int, UnsafeMutableBufferPointer<Float>) throws(FillFailure) -> Void,
    _ body: (Int, UnsafeBufferPointer<Float>) throws(Failure) -> Void
  ) throws {
    let (inputCount, outputCount) = (inputCount, outputCount)
    for first in stride(from: 0, to: count, by: batchSize) {
      let rows = min(batchSize, count - first)
      try plan.withInput(input) { target in
        Result { () throws(FillFailure) in
          for row in 0..<rows {
            try fill(first + row, target.extracting(row * inputCount..<(row + 1) * inputCount))
          }
          target.extracting((rows * inputCount)...).update(repeating: 0)
        }
      }.get()
      try plan.run()
      try plan.withOutput(output) { values in
        Result { () throws(Failure) in
          for row in 0..<rows {
            try body(first + row, values.extracting(row * outputCount..<(row + 1) * outputCount))
          }
        }
      }.get()
    }
  }
}
