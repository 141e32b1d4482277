import Engine
import Files
import Graphs
import ModelFiles
import Networks
import Tensors

/// A network's runners for images of several sizes, each of one thread, to be taken and given back.
///
/// Unchecked: what changes does so inside the monitor, a runner has one user at a time, and nobody changes the
/// variables that all of them read.
package final class RunnerPool: @unchecked Sendable {
  private let network: Network
  private let variables = VariableStore()
  private let options: PlanOptions
  private let monitor = Monitor()
  /// Runners that nobody uses, by the size of their input.
  private var idle: [Size: [BatchRunner]] = [:]
  /// The first runner of each size, in use or not: what it made of the weights serves the others.
  private var first: [Size: BatchRunner] = [:]

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
    for (name, tensor) in weights { variables[name] = tensor }
    self.options = PlanOptions(
      threads: 1, precision: options.precision, profiler: options.profiler,
      cancellation: options.cancellation)
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
      let size = Size(width: width, height: height)
      if let known = idle[size]?.popLast() { return known }
      let made = try BatchRunner(
        network.sized(width: width, height: height), variables: variables, batchSize: 1,
        options: options, twin: first[size])
      try made.fill { $0.update(repeating: 0.5) }
      try made.run { _ in }
      first[size] = first[size] ?? made
      return made
    }
  }

  package func giveBack(_ runner: BatchRunner, width: Int, height: Int) {
    monitor.withLock { idle[Size(width: width, height: height), default: []].append(runner) }
  }

  /// Forgets the runners of other sizes.
  func keepOnly(width: Int, height: Int) {
    let size = Size(width: width, height: height)
    monitor.withLock {
      idle = idle.filter { $0.key == size }
      first = first.filter { $0.key == size }
    }
  }
}

extension Network {
  /// The same network for images of another size.
  fileprivate func sized(width: Int, height: Int) -> Network {
    Network(
      inputs: [NetworkInput(inputs[0].name, [height, width, inputShape[2]])], layers: layers)
  }
}
