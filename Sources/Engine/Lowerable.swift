import Graphs
import Tensors

/// An operation that the engine can turn into steps.
protocol Lowerable: Sendable {
  /// Adds the steps that compute the instruction's outputs and says where these are.
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError)

  /// What profiles call it.
  var name: String { get }
}

/// One piece of work of a plan, bound to its memory.
protocol Step: AnyObject {
  func run() throws(EngineError)
}

/// A loop of our own.
final class LoopStep: Step {
  private let body: () -> Void
  init(_ body: @escaping () -> Void) { self.body = body }
  func run() { body() }
}

/// A loop of our own on all threads.
final class ParallelStep: Step {
  private let work: ParallelWork
  private let threads: Int

  init(threads: Int, _ body: @escaping (_ part: Int, _ parts: Int) -> Void) {
    work = ParallelWork(body)
    self.threads = threads
  }

  func run() { work.run(threads: threads) }
}

extension Primitive: Step {}

/// Where buffers are when steps are bound to them.
struct Addresses {
  fileprivate let pointers: [UnsafeMutableRawPointer]
  /// Memory that any step may use while it runs.
  let scratch: UnsafeMutableRawPointer

  init(_ pointers: [UnsafeMutableRawPointer], scratch: UnsafeMutableRawPointer) {
    self.pointers = pointers
    self.scratch = scratch
  }

  subscript(buffer: BufferID) -> UnsafeMutableRawPointer { pointers[buffer] }

  func floats(_ buffer: BufferID) -> UnsafeMutablePointer<Float> {
    pointers[buffer].assumingMemoryBound(to: Float.self)
  }
}
