import Graphs

/// An operation that the engine can turn into steps.
protocol Lowerable: Sendable {
  /// Adds the steps that compute the instruction's outputs and says where these are.
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError)

  /// What profiles call it.
  var name: String { get }
}
