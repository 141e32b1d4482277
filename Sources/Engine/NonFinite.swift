import LoopInterface

/// Where a computation first left the finite numbers.
public struct NonFiniteReport: Sendable, CustomStringConvertible {
  /// The layer path, where the graph named one; for a variable its name.
  public let label: String?
  /// The operation, or "variable" or "input" where the value was given so.
  public let operation: String
  /// "not a number" or "infinite".
  public let value: String

  public var description: String {
    "\(label.map { "\($0): " } ?? "")\(operation) gave a value that is \(value)"
  }
}

extension Plan {
  /// Runs the plan's steps once more and looks after each for a value that is not finite.
  ///
  /// For use after a loss was found not to be finite. AssignmentSelection that the last run made stay, and
  /// this run makes them again, so the variables are not worth keeping afterwards; the random
  /// numbers are those of the last run.
  ///
  /// - Returns: the first step, in the order of the computation, that gave such a value, or the
  ///   variable or input that held one before; nil where everything is finite.
  public func firstNonFinite() throws(EngineError) -> NonFiniteReport? {
    let loops = try tensorLoops()
    for (label, kind, address, count) in givenValues {
      if let value = found(loops, address, count) {
        return NonFiniteReport(label: label, operation: kind, value: value)
      }
    }
    completedRuns = max(0, completedRuns - 1)
    defer { completedRuns += 1 }
    return try searchSteps { (address, byteCount, element) in
      switch element {
      case .float32:
        return found(loops, address.assumingMemoryBound(to: Float.self), byteCount / 4)
      case .bfloat16:
        let narrow = address.assumingMemoryBound(to: UInt16.self)
        let wide = Scratch(floats: byteCount / 2)
        loops.widen(wide.address, narrow, wide.count)
        return found(loops, wide.address, wide.count)
      }
    }
  }

  private func found(
    _ loops: TensorLoops, _ values: UnsafePointer<Float>, _ count: Int
  ) -> String? {
    let index = loops.firstNonFinite(values, count)
    guard index < count else { return nil }
    return values[index].isNaN ? "not a number" : "infinite"
  }
}
