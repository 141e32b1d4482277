import Datasets
import Engine
import Images
import Inference
import ModelFiles

/// A trained autoencoder: the codes of images.
public final class Autoencoder {
  public let name: String
  /// How many numbers a code has.
  public let codeSize: Int
  private let form: Preprocessing
  private let runner: BatchRunner

  private static let batchSize = 50

  /// Reads a model file that ``AutoencoderTask`` wrote.
  ///
  /// - Throws: ``InferenceError/file(path:problem:)`` where it is damaged or of another kind.
  public init(path: String, options: PlanOptions = PlanOptions()) throws(InferenceError) {
    let model = try LoadedModel(path: path)
    try model.require(restoring: .autoencoding)
    guard let form = model.card.preprocessing,
      model.network.inputShape.dimensions == [form.height, form.width, form.channels],
      !model.nonFiniteWeights.holdsNaN
    else { throw .file(path: path, problem: "is damaged: it does not say what it takes") }
    self.form = form
    name = model.card.name
    runner = try BatchRunner(
      model.network, variables: model.variables, batchSize: Self.batchSize, options: options
    ) { try $0.code(of: path) }
    codeSize = runner.outputCount
  }

  /// The codes of a dataset's images, in order.
  ///
  /// - Parameter body: gets the number of an image with its code, or why it has none.
  public func codes(
    of images: Dataset, _ body: (Int, Result<[Float], ImageError>) -> Void
  ) throws(InferenceError) {
    var failures: [Int: ImageError] = [:]
    do {
      try runner.run(count: images.count) { (number, target) throws(ImageError) in
        do throws(ImageError) { try form.write(images.image(at: number), to: target) } catch {
          failures[number] = error
          target.update(repeating: 0)
        }
      } _: { number, values in
        body(
          number,
          failures.removeValue(forKey: number).map(Result.failure) ?? .success(Array(values)))
      }
    } catch let error as InferenceError { throw error } catch { throw .invalid("\(error)") }
  }
}

/// Neighbors among codes.
package enum Neighbors {
  /// The most codes that are compared with each other.
  private static let limit = 2_000

  /// The fraction of codes whose nearest neighbor, by Euclidean distance, is of their class; of at most 2,000
  /// at equal distances.
  package static func agreement(codes: [[Float]], classes: [Int]) -> Double {
    let step = max(1, codes.count / limit)
    let places = Array(stride(from: 0, to: codes.count, by: step))
    guard places.count > 1 else { return 0 }
    var agreeing = 0
    for place in places {
      var (nearest, shortest) = (place, Float.infinity)
      for other in places where other != place {
        var distance: Float = 0
        for (a, b) in zip(codes[place], codes[other]) { distance += (a - b) * (a - b) }
        if distance < shortest { (nearest, shortest) = (other, distance) }
      }
      if classes[nearest] == classes[place] { agreeing += 1 }
    }
    return Double(agreeing) / Double(places.count)
  }
}
