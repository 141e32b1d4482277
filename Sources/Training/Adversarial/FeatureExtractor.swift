import Datasets
import Engine
import Graphs
import Images
import Networks
import Tensors

/// What a trained classifier sees in pictures: the numbers that its last dense layer decides by.
/// Distances between sets of pictures are measured on them.
public final class FeatureExtractor {
  /// How many numbers a picture has.
  public let size: Int
  /// The classifier's name, to be said wherever a distance is.
  public let name: String
  private let form: InputForm
  private let plan: Plan
  private let input: Node
  private let features: Node

  private static let batchSize = 50

  /// - Throws: where the model's network does not end in a dense layer.
  public init(
    _ model: ClassifierModel, options: PlanOptions = PlanOptions()
  ) throws(TrainingError) {
    name = model.card.name
    guard let form = model.card.input else {
      throw .network("the model \(name) says not what pictures it takes")
    }
    self.form = form
    do {
      let built = try model.network.build(
        on: Graph(), batch: Self.batchSize, mode: .inference)
      guard let head = built.layers.lastIndex(where: { $0.type == Dense.typeName }), head > 0,
        built.layers[head - 1].output.shape.rank == 2
      else { throw TrainingError.network("the model \(name) ends in no dense layer") }
      input = built.input
      features = built.layers[head - 1].output
      size = features.shape[1]
      plan = try Plan(
        input.graph, outputs: [features], assignments: .none, variables: model.variables,
        options: options)
    } catch { throw TrainingError(wrapping: error) }
  }

  /// The features of each picture, in order.
  public func features(of pictures: [Image]) throws(TrainingError) -> [[Float]] {
    var result: [[Float]] = []
    do {
      for first in stride(from: 0, to: pictures.count, by: Self.batchSize) {
        let count = min(Self.batchSize, pictures.count - first)
        let (form, valueCount) = (form, form.count)
        let failure = try plan.withInput(input) { target -> ImageError? in
          for place in 0..<count {
            let part = UnsafeMutableBufferPointer(
              rebasing: target[place * valueCount..<(place + 1) * valueCount])
            do throws(ImageError) { try form.write(pictures[first + place], to: part) } catch {
              return error
            }
          }
          return nil
        }
        if let failure { throw TrainingError.data("a picture cannot be used: \(failure)") }
        try plan.run()
        try plan.withOutput(features) { values in
          for place in 0..<count {
            result.append(Array(values[place * size..<(place + 1) * size]))
          }
        }
      }
    } catch { throw TrainingError(wrapping: error) }
    return result
  }
}
