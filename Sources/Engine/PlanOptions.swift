import Files
import Graphs

/// In which numbers a plan computes.
public enum Precision: String, Sendable, Codable, CaseIterable {
  case float32 = "fp32"
  /// Activations and copies of the weights in bfloat16; the weights themselves, their gradients,
  /// statistics and losses stay in float32.
  case bfloat16 = "bf16"
}

/// How a plan is made.
public struct PlanOptions: Sendable {
  /// How many threads to use; nil for all that the machine has.
  public var threads: Int?
  public var precision: Precision
  /// Whether passes change the program (fusing, folding, blocked orders, shared buffers). Without,
  /// each node is computed as it stands: slow, for tests.
  public var optimizes: Bool
  /// What takes the time of each operation; nil for nothing.
  public var profiler: Profiler?
  /// Looked at between the steps of a run, which ends with an error once nobody waits for it.
  public var cancellation: Cancellation?

  public init(
    threads: Int? = nil, precision: Precision = .float32, optimizes: Bool = true,
    profiler: Profiler? = nil, cancellation: Cancellation? = nil
  ) {
    self.threads = threads
    self.precision = precision
    self.optimizes = optimizes
    self.profiler = profiler
    self.cancellation = cancellation
  }
}

/// Which of a graph's assignments a plan carries out.
public enum AssignmentSelection {
  case all
  case none
  /// Those to the given variables.
  case only([Node])

  func chosen(from graph: Graph) -> [Graph.Assignment] {
    switch self {
    case .all: graph.assignments
    case .none: []
    case .only(let variables):
      graph.assignments.filter { assignment in
        variables.contains { $0.id == assignment.variable }
      }
    }
  }
}
