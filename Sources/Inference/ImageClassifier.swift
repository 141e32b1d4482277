import Datasets
import Engine
import Files
import Images
import ModelFiles

/// Classifies any number of images: threads read and resize, a bounded number of images ahead, while
/// batches are computed.
///
/// An image's labels do not depend on the others, beyond the rounding of sums whose order goes with
/// the size of a batch.
public struct ImageClassifier {
  private let model: Classifier
  private let options: PlanOptions

  /// - Parameter options: how the network computes; images are read on as many threads.
  public init(_ model: Classifier, options: PlanOptions = PlanOptions()) {
    self.model = model
    self.options = options
  }

  /// How many pixels an image's shorter side needs: with more, the labels hardly change. Readers may
  /// use it to decode less (`ReadOptions.sufficientSide`).
  public var sufficientSide: Int {
    let form = model.preprocessing
    return max(2 * (form.shorterSide ?? max(form.width, form.height)), 256)
  }

  /// Classifies images.
  ///
  /// - Parameters:
  ///   - count: how many there are.
  ///   - top: how many labels each gets; all that there are where they are fewer.
  ///   - read: reads the image of a number from 0, on any thread and in any order, with what
  ///     `body` is to know of it.
  ///   - body: gets each image's number and its classification, or why it could not be read; in
  ///     the order of the numbers, on the thread that called.
  /// - Throws: where the network cannot be computed, or no label is asked for.
  public func classify<Context: Sendable>(
    _ count: Int, top: Int, read: @escaping @Sendable (Int) throws -> (Image, Context),
    _ body: (Int, Result<(Classification, Context), any Error>) -> Void
  ) throws(InferenceError) {
    guard top > 0 else { throw .invalid("top \(top): expected 1 or more labels") }
    guard count > 0 else { return }
    guard !model.nonFiniteWeights.holdsNaN else {
      for number in 0..<count { body(number, .failure(Classification.notANumber)) }
      return
    }
    let preprocessing = model.preprocessing
    let threads = options.threads ?? processorCount
    var options = options
    if options.threads == nil, isSoonDone(count) { options.threads = 1 }
    let batchSize = Self.batchSize(for: count, valuesEach: preprocessing.elementCount)
    // Reading begins before the network is made ready.
    let images = OrderedPrefetcher(
      count: count, bound: batchSize + 2 * threads, threads: threads
    ) { number in
      Result<DecodedInput<Context>, any Error> {
        let (image, context) = try read(number)
        return DecodedInput(values: try preprocessing.values(of: image), context: context)
      }
    }
    let predictor = try model.predictor(batchSize: batchSize, options: options)

    var first = 0
    while first < count {
      var batch: [Result<DecodedInput<Context>, any Error>] = []
      var readable: [DecodedInput<Context>] = []
      while readable.count < batchSize, let image = images.next() {
        batch.append(image)
        if case .success(let decoded) = image { readable.append(decoded) }
      }
      let answers = try answers(to: readable.map(\.values), top: top, predictor)
      var row = 0
      for (offset, image) in batch.enumerated() {
        switch image {
        case .failure(let error): body(first + offset, .failure(error))
        case .success(let decoded):
          body(
            first + offset, answers[row].map { ($0, decoded.context) }.mapError { $0 as any Error }
          )
          row += 1
        }
      }
      first += batch.count
    }
  }

  /// An image as the network takes it.
  private struct DecodedInput<Context: Sendable>: Sendable {
    /// C × H × W.
    let values: [Float]
    let context: Context
  }

  private func answers(
    to images: [[Float]], top: Int, _ predictor: Predictor
  ) throws(InferenceError) -> [Result<Classification, InferenceError>] {
    if images.isEmpty { return [] }
    let classCount = predictor.classCount
    return try predictor.logits { input in
      for (row, values) in images.enumerated() {
        _ = input[(row * model.preprocessing.elementCount)...].update(fromContentsOf: values)
      }
    } _: { _, logits in
      images.indices.map { row in
        Result { () throws(InferenceError) in
          try Classification(
            logits: logits.extracting(row * classCount..<(row + 1) * classCount),
            labels: model.classNames, count: top, groups: model.groups,
            activation: predictor.activation)
        }
      }
    }
  }

  /// Whether it is some ten milliseconds of work for one thread: on a busy machine waiting for a second
  /// one takes longer, on a quiet one it saves little.
  private func isSoonDone(_ count: Int) -> Bool {
    let each = (try? model.network.summary().multiplyAdds) ?? .max
    return each < (1 << 31) / count
  }

  /// Images that are computed at once: no more than there are, in batches of equal size, each of
  /// at most 128 images and about 19 MB (32 of 224 × 224 × 3).
  package static func batchSize(for count: Int, valuesEach: Int) -> Int {
    let largest = min(max(32 * 224 * 224 * 3 / max(valuesEach, 1), 1), 128)
    let batches = (count + largest - 1) / largest
    return (count + batches - 1) / batches
  }
}

extension Preprocessing {
  /// An image as the network takes it, C × H × W.
  package func values(of image: Image) throws(ImageError) -> [Float] {
    var failure: ImageError?
    let values = [Float](unsafeUninitializedCapacity: elementCount) { buffer, initialized in
      do throws(ImageError) {
        try write(image, to: buffer)
        initialized = elementCount
      } catch { failure = error }
    }
    if let failure { throw failure }
    return values
  }
}
