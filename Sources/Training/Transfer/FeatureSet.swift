import Datasets
import Engine
import Inference
import Networks
import Tensors

/// What a network's layers before its head make of pictures: computed once, so that a head can be
/// trained on them in seconds.
struct FeatureSet {
  /// The features of one picture: H×W×C or F.
  let shape: Shape
  /// Picture after picture, each C × H × W or F.
  private(set) var values: [Float] = []
  /// The pictures' classes.
  private(set) var labels: [Int] = []

  var count: Int { labels.count }

  /// Computes features of batches of pictures.
  ///
  /// - Parameters:
  ///   - backbone: the layers before the head, as in inference.
  ///   - loaders: each with the number of batches to take from it; all of one batch size.
  ///   - progress: is told of batches done.
  /// - Returns: nil when a stop was asked for.
  init?(
    backbone: Network, variables: VariableStore, loaders: [(loader: Loader, batches: Int)],
    batchSize: Int, options: PlanOptions, progress: (_ done: Int, _ total: Int) -> Void
  ) throws(TrainingError) {
    let total = loaders.map(\.batches).reduce(0, +)
    var done = 0
    do throws(InferenceError) {
      let runner = try BatchRunner(
        backbone, variables: variables, batchSize: batchSize, options: options)
      shape = runner.output.shape.channelsLast
      values.reserveCapacity(total * batchSize * shape.count)
      for (loader, batches) in loaders {
        for _ in 0..<batches {
          if Interrupt.isRequested { return nil }
          labels += try runner.runBatch {
            loader.next(into: $0)
          } _: { batch, features in
            values += features.prefix(batch.count * shape.count)
            return batch.labels
          }
          done += 1
          progress(done, total)
        }
      }
    } catch { throw TrainingError(wrapping: error) }
  }

  /// Writes the features of some pictures, one behind the other.
  func write(_ indices: [Int], to target: UnsafeMutableBufferPointer<Float>) {
    let size = shape.count
    precondition(target.count >= indices.count * size, "room for the features")
    values.withUnsafeBufferPointer { values in
      for (row, index) in indices.enumerated() {
        // Each row holds `size` values, as `values` does for each picture.
        for place in 0..<size { target[row * size + place] = values[index * size + place] }
      }
    }
  }
}
