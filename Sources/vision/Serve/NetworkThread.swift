import Engine
import Files
import Inference
import Serving

/// The one thread on which networks compute: all that wait for the same classifier go through it together.
final class NetworkThread: Sendable {
  private enum Item: Sendable {
    case image(ClassifierBatches.Input, ServedModel, Pending<Classification>, Cancellation)
    case other(@Sendable (Networks) -> Void)
  }

  /// The networks that were loaded. They belong to the thread.
  final class Networks {
    private let options: PlanOptions
    private var classifiers: [String: Result<ClassifierBatches, InferenceError>] = [:]
    private var generators: [String: ImageGenerator] = [:]

    fileprivate init(_ options: PlanOptions) { self.options = options }

    fileprivate func batches(_ model: ServedModel) throws(InferenceError) -> ClassifierBatches {
      if let known = classifiers[model.name] { return try known.get() }
      let loaded = Result { () throws(InferenceError) in
        try ClassifierBatches(Classifier(path: model.path), options: options)
      }
      classifiers[model.name] = loaded
      return try loaded.get()
    }

    func generator(_ model: ServedModel) throws(InferenceError) -> ImageGenerator {
      if let known = generators[model.name] { return known }
      let loaded = try Generator(path: model.path).imageGenerator(options: options)
      generators[model.name] = loaded
      return loaded
    }

    /// A classifier of its own, for what is done with it once.
    func classifier(_ model: ServedModel) throws(InferenceError) -> Classifier {
      try Classifier(path: model.path)
    }

    var planOptions: PlanOptions { options }
  }

  /// Unchecked: used on the queue's thread alone.
  private struct Owned: @unchecked Sendable { let networks: Networks }

  private let queue: BatchQueue<Item>
  private let models: ServedModels

  /// - Parameter options: how networks compute.
  init(_ models: ServedModels, options: PlanOptions, metrics: Metrics) {
    let owned = Owned(networks: Networks(options))
    self.models = models
    queue = BatchQueue { key in
      guard let model = models.all.first(where: { $0.name == key }) else { return 1 }
      return (try? owned.networks.batches(model).largest) ?? 1
    } work: { key, items in
      Self.work(on: items, key, owned.networks, metrics)
    }
  }

  private static func work(
    on items: [Item], _ key: String, _ networks: Networks, _ metrics: Metrics
  ) {
    var inputs: [ClassifierBatches.Input] = []
    var waiting: [Pending<Classification>] = []
    var cancellations: [Cancellation] = []
    var model: ServedModel?
    for item in items {
      switch item {
      case .other(let body): body(networks)
      case .image(let input, let of, let result, let cancellation):
        inputs.append(input)
        cancellations.append(cancellation)
        waiting.append(result)
        model = of
      }
    }
    guard let model else { return }
    metrics.countBatch(inputs.count, network: key)
    do throws(InferenceError) {
      let results = try networks.batches(model)
        .classify(inputs, Cancellation(ofAll: cancellations))
      for (result, waiting) in zip(results, waiting) { waiting.resolve(result.mapError { $0 }) }
    } catch {
      for waiting in waiting { waiting.resolve(.failure(error)) }
    }
  }

  /// Has an image classified.
  func classify(
    _ input: ClassifierBatches.Input, _ model: ServedModel, _ cancellation: Cancellation
  ) -> Pending<Classification> {
    let result = Pending<Classification>(cancellation)
    queue.add(.image(input, model, result, cancellation), key: model.name, cancellation)
    return result
  }

  /// Has something else done with networks.
  func perform<Value: Sendable>(
    _ cancellation: Cancellation, _ body: @escaping @Sendable (Networks) throws -> Value
  ) -> Pending<Value> {
    let result = Pending<Value>(cancellation)
    queue.add(
      .other { networks in result.resolve(Result { try body(networks) }) }, key: "", cancellation)
    return result
  }
}
