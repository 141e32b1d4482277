import Files
import Glibc
import Images
import ModelFiles

/// The size in which images are kept in memory.
public enum StoredSize: Sendable, Equatable {
  /// The input's, ready to be used.
  case exact
  /// Larger by this factor and in their own shape, so that random parts can be cut from them; never
  /// enlarged.
  case resizedToCover(Double)
}

extension Dataset {
  /// A quarter of the machine's memory: what a dataset may take to be kept in it.
  public static var memoryBudget: Int {
    sysconf(Int32(_SC_PHYS_PAGES)) / 4 * sysconf(Int32(_SC_PAGESIZE))
  }

  /// About how many bytes the images take in memory.
  public func estimatedBytes(for form: Preprocessing, size: StoredSize) -> Int {
    switch size {
    case .exact: count * form.elementCount
    case .resizedToCover(let factor):
      // Photographs are about one and a half times as long as wide.
      Int(Double(count) * Double(form.elementCount) * factor * factor * 1.5)
    }
  }

  /// The images decoded and resized, in memory; those that cannot be read are left out and named.
  ///
  /// - Parameters:
  ///   - threads: how many decode at a time.
  ///   - progress: called with the number of images done, from several threads.
  public func inMemory(
    for form: Preprocessing, size: StoredSize = .exact, threads: Int = processorCount,
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) -> (dataset: Dataset, damaged: [DatasetWarning]) {
    let work = DecodeQueue(self, form, size, progress)
    let others = (1..<max(threads, 1)).compactMap { _ in JoinableThread { work.run() } }
    work.run()
    for thread in others { thread.join() }
    var (images, kept, damaged): ([Image], [Int], [DatasetWarning]) = ([], [], [])
    images.reserveCapacity(count)
    for (index, result) in work.results.enumerated() {
      switch result {
      case .success(let image):
        images.append(image)
        kept.append(index)
      case .failure(let error):
        damaged.append(.unreadableImage(path: names[index], reason: error.reason))
      case nil: break
      }
    }
    let dataset = Dataset(
      classNames: classNames, annotation: annotation[kept], names: kept.map { names[$0] },
      source: .memory(images))
    return (dataset, damaged)
  }

  /// The mean and the standard deviation of each channel, 0…1, over the images as the network takes
  /// them, or over so many of them at equal distances.
  public func channelStatistics(
    for form: Preprocessing, atMost limit: Int = 5_000
  ) -> (mean: [Float], std: [Float]) {
    var sums = [Double](repeating: 0, count: form.channels)
    var squares = sums
    var pixels = 0.0
    let step = max(1, count / max(limit, 1))
    for index in stride(from: 0, to: count, by: step) {
      guard let image = try? form.resized(image(at: index)) else { continue }
      pixels += Double(image.width * image.height)
      image.withUnsafeBytes { samples in
        for channel in 0..<form.channels {
          var (sum, square) = (0, 0)
          for position in stride(from: channel, to: samples.count, by: form.channels) {
            let sample = Int(samples[position])
            sum &+= sample
            square &+= sample &* sample
          }
          sums[channel] += Double(sum)
          squares[channel] += Double(square)
        }
      }
    }
    guard pixels > 0 else {
      return (
        Array(repeating: 0.5, count: form.channels), Array(repeating: 0.5, count: form.channels)
      )
    }
    let means = sums.map { $0 / pixels }
    let deviations = zip(squares, means).map { square, mean in
      // A set of one color has no standard deviation to divide by.
      max((square / pixels - mean * mean).squareRoot(), 1)
    }
    return (means.map { Float($0 / 255) }, deviations.map { Float($0 / 255) })
  }
}

/// Images that several threads decode, each the next that nobody took.
///
/// Unchecked: what changes does so inside the monitor.
private final class DecodeQueue: @unchecked Sendable {
  private let monitor = Monitor()
  private let dataset: Dataset
  private let form: Preprocessing
  private let size: StoredSize
  private let progress: @Sendable (Int) -> Void
  private var next = 0
  private(set) var results: [Result<Image, ImageError>?]

  /// Images that a thread takes at a time.
  private static let portion = 32

  init(
    _ dataset: Dataset, _ form: Preprocessing, _ size: StoredSize,
    _ progress: @escaping @Sendable (Int) -> Void
  ) {
    self.dataset = dataset
    self.form = form
    self.size = size
    self.progress = progress
    results = Array(repeating: nil, count: dataset.count)
  }

  func run() {
    while true {
      let range = monitor.withLock {
        let start = next
        next = min(next + Self.portion, dataset.count)
        return start..<next
      }
      if range.isEmpty { return }
      let decoded = range.map { index -> Result<Image, ImageError> in
        do throws(ImageError) { return .success(try decode(index)) } catch {
          return .failure(error)
        }
      }
      monitor.withLock {
        for (index, result) in zip(range, decoded) { results[index] = result }
      }
      progress(range.count)
    }
  }

  private func decode(_ index: Int) throws(ImageError) -> Image {
    let image = try dataset.image(at: index)
    var result: Image
    switch size {
    case .exact: result = try form.resized(image)
    case .resizedToCover(let factor): result = try image.shrunkToCover(form, factor)
    }
    result.metadata = Metadata()
    return result
  }
}

extension Image {
  /// The image in 8 bits, as small as still covers the input's size times `factor`.
  fileprivate func shrunkToCover(_ form: Preprocessing, _ factor: Double) throws(ImageError)
    -> Image
  {
    let flat = flattened(channels: form.channels)
    let scale = max(
      Double(form.width) * factor / Double(width), Double(form.height) * factor / Double(height))
    // Made a little smaller, it would only lose sharpness.
    guard scale < 2.0 / 3 else { return flat }
    return try flat.resized(
      width: max(Int((Double(width) * scale).rounded()), 1),
      height: max(Int((Double(height) * scale).rounded()), 1), .linear)
  }
}
