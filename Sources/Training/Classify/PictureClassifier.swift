import Datasets
import Engine
import Files
import Images

/// Labels any number of pictures: threads read and resize, a bounded number of pictures ahead, while
/// batches are computed.
///
/// A picture's labels do not depend on the others, beyond the rounding of sums whose order goes with
/// the size of a batch.
public struct PictureClassifier {
  private let model: ClassifierModel
  private let form: InputForm
  private let options: PlanOptions

  /// - Parameter options: how the network computes; pictures are read on as many threads.
  /// - Throws: ``TrainingError/network(_:)`` where the model's card does not say what goes in.
  public init(
    _ model: ClassifierModel, options: PlanOptions = PlanOptions()
  ) throws(TrainingError) {
    guard let form = model.card.input else {
      throw .network("the model does not say what pictures it takes")
    }
    self.model = model
    self.form = form
    self.options = options
  }

  /// How many pixels a picture's shorter side needs: with more, the labels hardly change. Readers may
  /// use it to decode less (`ReadOptions.sufficientSide`).
  public var sufficientSide: Int { max(2 * max(form.width, form.height), 256) }

  /// Labels pictures.
  ///
  /// - Parameters:
  ///   - count: how many there are.
  ///   - top: how many labels each gets; all that there are where they are fewer.
  ///   - read: reads the picture of a number from 0, on any thread and in any order, with what
  ///     `body` is to know of it.
  ///   - body: gets each picture's number and what it was taken for, or why it could not be read; in
  ///     the order of the numbers, on the thread that called.
  /// - Throws: where the network cannot be computed.
  public func classify<Context: Sendable>(
    _ count: Int, top: Int, read: @escaping @Sendable (Int) throws -> (Image, Context),
    _ body: (Int, Result<(Classification, Context), any Error>) -> Void
  ) throws(TrainingError) {
    guard count > 0 else { return }
    let form = form
    let threads = options.threads ?? processorCount
    var options = options
    if options.threads == nil, isSoonDone(count) { options.threads = 1 }
    let batchSize = Self.batchSize(for: count, valuesEach: form.count)
    // Reading begins before the network is made ready.
    let pictures = OrderedPrefetcher(
      count: count, bound: batchSize + 2 * threads, threads: threads
    ) { number in
      Result<Prepared<Context>, any Error> {
        let (image, context) = try read(number)
        return Prepared(values: try form.values(of: image), context: context)
      }
    }
    let predictor = try model.predictor(batchSize: batchSize, options: options)

    var first = 0
    while first < count {
      var batch: [Result<Prepared<Context>, any Error>] = []
      var readable: [Prepared<Context>] = []
      while readable.count < batchSize, let picture = pictures.next() {
        batch.append(picture)
        if case .success(let prepared) = picture { readable.append(prepared) }
      }
      let answers = try answers(to: readable.map(\.values), top: top, predictor)
      var row = 0
      for (offset, picture) in batch.enumerated() {
        switch picture {
        case .failure(let error): body(first + offset, .failure(error))
        case .success(let prepared):
          body(
            first + offset, answers[row].map { ($0, prepared.context) }.mapError { $0 as any Error }
          )
          row += 1
        }
      }
      first += batch.count
    }
  }

  /// A picture as the network takes it.
  private struct Prepared<Context: Sendable>: Sendable {
    /// C × H × W.
    let values: [Float]
    let context: Context
  }

  private func answers(
    to pictures: [[Float]], top: Int, _ predictor: Predictor
  ) throws(TrainingError) -> [Result<Classification, TrainingError>] {
    if pictures.isEmpty { return [] }
    let classCount = predictor.classCount
    return try predictor.logits { input in
      for (row, values) in pictures.enumerated() {
        _ = input[(row * form.count)...].update(fromContentsOf: values)
      }
    } _: { _, logits in
      pictures.indices.map { row in
        Result { () throws(TrainingError) in
          try Classification(
            logits: logits.extracting(row * classCount..<(row + 1) * classCount),
            labels: model.card.classNames, count: top)
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

  /// Pictures that are computed at once: no more than there are, in batches of equal size, each of
  /// at most 128 pictures and about 19 MB (32 of 224 × 224 × 3).
  package static func batchSize(for count: Int, valuesEach: Int) -> Int {
    let largest = min(max(32 * 224 * 224 * 3 / max(valuesEach, 1), 1), 128)
    let batches = (count + largest - 1) / largest
    return (count + batches - 1) / batches
  }
}

extension InputForm {
  /// A picture as the network takes it, C × H × W.
  func values(of image: Image) throws(ImageError) -> [Float] {
    var failure: ImageError?
    let values = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(ImageError) {
        try write(image, to: buffer)
        initialized = count
      } catch { failure = error }
    }
    if let failure { throw failure }
    return values
  }
}
