import Tensors

/// An exponential moving average of a network's values over the steps of its training: it lies in
/// the middle of where the last steps wandered, and classifies better than any one of them.
///
/// Polyak & Juditsky 1992; with decay d per step: `a ← d · a + (1 − d) · w`. At the beginning, when
/// little was averaged, the decay is at most `(1 + n) / (10 + n)` after n updates, so that the first
/// values are soon forgotten. Running statistics of batch normalisation are averaged alike: they
/// belong to the weights.
package struct WeightAverage: Sendable {
  /// The share of the old average that one update keeps.
  package let decay: Float
  /// Updates so far.
  package private(set) var updates: Int
  /// The averages by name.
  package private(set) var values: [String: Tensor]

  /// - Parameters:
  ///   - decay: for each call to `update`, 0…1.
  ///   - updates: how many went into `values`, when training goes on.
  package init(decay: Float, updates: Int = 0, values: [String: Tensor] = [:]) {
    self.decay = decay
    self.updates = updates
    self.values = values
  }

  /// The decay for which the average reaches back over about `updates` updates: `1 − 1 / updates`.
  package static func decay(overUpdates updates: Double) -> Float {
    Float(1 - 1 / max(updates, 1))
  }

  /// Takes the present values into the average.
  ///
  /// - Parameters:
  ///   - names: the same at each call.
  ///   - current: the present value of a name.
  package mutating func update(_ names: [String], current: (String) -> Tensor) {
    let count = Float(updates)
    let weight = 1 - min(decay, (1 + count) / (10 + count))
    for name in names {
      let present = current(name)
      // Taken out of the dictionary while it changes, so that it is changed in place.
      guard var average = values.updateValue(Tensor.scalar(0), forKey: name), updates > 0 else {
        values[name] = present
        continue
      }
      average.withUnsafeMutableBufferPointer { average in
        present.withUnsafeBufferPointer { present in
          // Both have the variable's one shape.
          for index in 0..<min(average.count, present.count) {
            average[index] += weight * (present[index] - average[index])
          }
        }
      }
      values[name] = average
    }
    updates += 1
  }
}
