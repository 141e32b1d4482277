import Graphs
import LoopInterface
import Tensors

/// The extents of a run over sequences, and the order in which steps come.
struct RecurrenceGeometry {
  let steps, batch, features, units: Int
  let cell: RecurrentCell
  let isReversed: Bool

  init(_ operation: Recurrence, y: Shape, features: Int) {
    (steps, batch, units) = (y[0], y[1], y[2])
    self.features = features
    cell = operation.cell
    isReversed = operation.isReversed
  }

  var gates: Int { cell.gates }
  /// Floats of one step's outputs.
  var stepCount: Int { batch * units }

  /// The step that comes as the given one.
  func step(_ order: Int) -> Int { isReversed ? steps - 1 - order : order }

  /// The step before the one that comes as the given one, which must not be the first.
  func stepBefore(_ order: Int) -> Int { step(order - 1) }

  /// How many threads are worth it: each has examples of its own and runs through all steps with them.
  func threads(_ available: Int) -> Int {
    let work = steps * batch * units * gates * (features + units)
    return work < 1 << 16 ? 1 : min(available, batch)
  }
}

/// The steps that the examples of a batch have.
struct SequenceLengths {
  /// nil where all have all steps.
  let values: UnsafePointer<Float>?
  let steps: Int

  func isActive(_ example: Int, at step: Int) -> Bool {
    guard let values else { return true }
    return Float(step) < values[example]
  }

  /// The step at which an example's run in the given direction begins; nil for an empty one.
  func first(_ example: Int, reversed: Bool) -> Int? {
    guard let values else { return reversed ? steps - 1 : 0 }
    // Steps beyond the sequence, or no number at all, count as the nearest that there is.
    let length = values[example]
    guard length > 0 else { return nil }
    return reversed ? (length < Float(steps) ? Int(length.rounded(.up)) - 1 : steps - 1) : 0
  }
}

extension Lowering {
  /// Weights [parts · rows, columns] packed part by part as right factors, for products x · Wᵀ.
  func packedTransposed(
    _ weights: BufferID, parts: Int, rows: Int, columns: Int
  ) -> (buffer: BufferID, partCount: Int) {
    let matrix = loops.matrix
    let count = matrix.packedCount(columns, rows)
    let packed = newBuffer(parts * count * 4)
    emit("pack", reads: [weights], writes: [packed]) { addresses in
      let (source, target) = (addresses.floats(weights), addresses.floats(packed))
      return LoopStep {
        for part in 0..<parts {
          matrix.pack(
            target + part * count, source + part * rows * columns, columns, rows, 1, columns)
        }
      }
    }
    return (packed, count)
  }

  /// Weights [parts · rows, columns] packed part by part as right factors, for products x · W.
  func packed(
    _ weights: BufferID, parts: Int, rows: Int, columns: Int
  ) -> (buffer: BufferID, partCount: Int) {
    let matrix = loops.matrix
    let count = matrix.packedCount(rows, columns)
    let packed = newBuffer(parts * count * 4)
    emit("pack", reads: [weights], writes: [packed]) { addresses in
      let (source, target) = (addresses.floats(weights), addresses.floats(packed))
      return LoopStep {
        for part in 0..<parts {
          matrix.pack(
            target + part * count, source + part * rows * columns, rows, columns, columns, 1)
        }
      }
    }
    return (packed, count)
  }
}
