import Engine
import Files
import Graphs
import ModelFiles
import Networks
import Tensors

/// A network's runners for images of several sizes, each of one thread, to be taken and given back.
///
/// Unchecked: what changes does so inside the monitor, and a runner has one user at a time.
package final class RunnerPool: @unchecked Sendable {
  private let network: Network
  private let weights: TensorTable
  private let options: PlanOptions
  private let monitor = Monitor()
  /// Runners that nobody uses, by the size of their input.
  private var idle: [Size: [BatchRunner]] = [:]

  private struct Size: Hashable {
    let width: Int
    let height: Int
  }

  /// - Parameters:
  ///   - network: takes one image, H × W × C, of several H and W.
  ///   - weights: the values of all that it declares.
  ///   - options: the precision; each plan has one thread.
  package init(_ network: Network, weights: TensorTable, options: PlanOptions) {
    self.network = network
    self.weights = weights
    self.options = PlanOptions(threads: 1, precision: options.precision, profiler: options.profiler)
  }

  /// The shape of what the network makes of an image of a size.
  package func outputShape(width: Int, height: Int) throws(InferenceError) -> Shape {
    do throws(NetworkError) {
      return try network.sized(width: width, height: height)
        .build(on: Graph(), batch: 1, mode: .inference).output.shape
    } catch { throw InferenceError(wrapping: error) }
  }

  /// A runner that nobody else uses, to be given back.
  package func take(width: Int, height: Int) throws(InferenceError) -> BatchRunner {
    // Plans are made, and first run, by one thread at a time.
    try monitor.withLock { () throws(InferenceError) in
      if let known = idle[Size(width: width, height: height)]?.popLast() { return known }
      let made = try runner(width: width, height: height)
      try made.fill { $0.update(repeating: 0.5) }
      try made.run { _ in }
      return made
    }
  }

  package func giveBack(_ runner: BatchRunner, width: Int, height: Int) {
    monitor.withLock { idle[Size(width: width, height: height), default: []].append(runner) }
  }

  /// Forgets the runners of other sizes.
  func keepOnly(width: Int, height: Int) {
    monitor.withLock { idle = idle.filter { $0.key == Size(width: width, height: height) } }
  }

  /// A runner with weights of its own: those of others are in use.
  private func runner(width: Int, height: Int) throws(InferenceError) -> BatchRunner {
    let variables = VariableStore()
    for (name, tensor) in weights { variables[name] = tensor }
    return try BatchRunner(
      network.sized(width: width, height: height), variables: variables, batchSize: 1,
      options: options)
  }
}

extension Network {
  /// The same network for images of another size.
  fileprivate func sized(width: Int, height: Int) -> Network {
    Network(
      inputs: [NetworkInput(inputs[0].name, [height, width, inputShape[2]])], layers: layers)
  }
}
