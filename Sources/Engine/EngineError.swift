/// Why a plan could not be made or run.
public enum EngineError: Error, Equatable, CustomStringConvertible {
  /// An operation, or one of its attributes, that the engine has no lowering for.
  case unsupported(String)
  /// The processor lacks what an option asks for.
  case unavailable(String)
  /// A variable, input or output that does not fit the plan: what was expected, what was received.
  case mismatch(String)
  /// A call into oneDNN failed.
  case library(call: String, status: String)
  /// The plan's buffers do not fit into memory.
  case outOfMemory(bytes: Int)
  /// Nobody waits for the run any more; see ``PlanOptions/cancellation``.
  case cancelled

  public var description: String {
    switch self {
    case .unsupported(let what): "not supported by the engine: \(what)"
    case .unavailable(let what): what
    case .mismatch(let what): what
    case .cancelled: "given up"
    case .library(let call, let status): "oneDNN refused \(call): \(status)"
    case .outOfMemory(let bytes):
      "the network needs \((bytes + 1_048_575) / 1_048_576) MiB, more than there is; use a smaller "
        + "batch, smaller images or a smaller network"
    }
  }
}
