import Files
import Synchronization

/// Takes the time of each operation of the plans that were made with it (`PlanOptions.profiler`).
public final class Profiler: Sendable {
  /// What is known of one step of a plan.
  struct Step {
    let name: String
    let implementation: String
    let label: String?
    let multiplyAdds: Int?
    var nanoseconds: UInt64 = 0
    var runs = 0
  }

  /// The steps of one plan.
  final class Record: Sendable {
    private let steps: Mutex<[Step]>

    fileprivate init(_ steps: [Step]) { self.steps = Mutex(steps) }

    /// One more run of a step.
    func add(_ step: Int, nanoseconds: UInt64) {
      steps.withLock {
        $0[step].nanoseconds += nanoseconds
        $0[step].runs += 1
      }
    }

    fileprivate func forget() {
      steps.withLock { steps in
        for index in steps.indices { (steps[index].nanoseconds, steps[index].runs) = (0, 0) }
      }
    }

    fileprivate var taken: [Step] { steps.withLock { $0.filter { $0.runs > 0 } } }
  }

  private let records = Mutex<[Record]>([])

  public init() {}

  /// A place for the times of a plan's steps.
  func record(_ planned: [PlannedStep]) -> Record {
    let record = Record(
      planned.map {
        Step(
          name: $0.name, implementation: $0.implementation, label: $0.label,
          multiplyAdds: $0.multiplyAdds)
      })
    records.withLock { $0.append(record) }
    return record
  }

  /// Begins anew: a plan's first run also waits for memory that it then keeps.
  public func forget() { records.withLock { for record in $0 { record.forget() } } }

  /// The times of all runs so far as lines for people: by kind of operation, then the operations that
  /// took longest; empty where nothing ran.
  ///
  /// GFLOP/s count two for each product that is added, as if nothing were spared.
  public var report: String {
    let steps = records.withLock { $0 }.flatMap(\.taken)
    let total = steps.reduce(0) { $0 + $1.nanoseconds }
    guard total > 0 else { return "" }
    var kinds: [String: Line] = [:]
    for step in steps { kinds["\(step.name) [\(step.implementation)]", default: Line()].add(step) }
    let slowest = steps.sorted { $0.nanoseconds > $1.nanoseconds }.prefix(Self.shownSteps)
    func table(_ title: String, _ rows: [[String]]) -> [String] {
      TextTable(
        header: ["ms", "share", "runs", "GFLOP/s", title], rows: rows,
        alignments: [.right, .right, .right, .right]
      ).lines
    }
    let byKind =
      kinds.sorted { $0.value.nanoseconds > $1.value.nanoseconds }
      .map { $0.value.cells(of: total) + [$0.key] }
      + [[fixed(Double(total) / 1e6, decimals: 1), "", "", "", "all"]]
    let bySteps = slowest.map { step in
      var line = Line()
      line.add(step)
      let label = step.label.map { "  \($0)" } ?? ""
      return line.cells(of: total) + ["\(step.name) [\(step.implementation)]\(label)"]
    }
    return (table("operation", byKind) + [""] + table("slowest", bySteps)).joined(separator: "\n")
      + "\n"
  }

  private static let shownSteps = 20

  /// Sums over some steps.
  private struct Line {
    var nanoseconds: UInt64 = 0
    var runs = 0
    var operations = 0.0
    /// Whether all steps said how much work they are.
    var isCounted = true

    mutating func add(_ step: Step) {
      nanoseconds += step.nanoseconds
      runs += step.runs
      isCounted = isCounted && step.multiplyAdds != nil
      operations += 2 * Double(step.multiplyAdds ?? 0) * Double(step.runs)
    }

    func cells(of total: UInt64) -> [String] {
      [
        fixed(Double(nanoseconds) / 1e6, decimals: 1),
        percent(Double(nanoseconds) / Double(total)), "\(runs)",
        isCounted ? fixed(operations / Double(max(1, nanoseconds)), decimals: 1) : "",
      ]
    }
  }
}
