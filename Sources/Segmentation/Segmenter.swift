import Datasets
import Engine
import FoundationEssentials
import Images
import Inference
import ModelFiles
import Tensors

/// A trained network that gives each pixel of an image of any size a class.
public struct Segmenter: Sendable {
  public let card: ModelCard
  public let classes: MaskClasses
  private let network: WindowedNetwork
  private let mean: [Float]
  private let std: [Float]

  /// The keys of a model file's metadata: the network's name, and what masks hold.
  static let networkKey = "network"
  static let masksKey = "masks"

  /// Reads a model file that ``SegmentationTask`` wrote.
  ///
  /// - Throws: ``InferenceError/file(path:problem:)`` where it is damaged or of another kind.
  public init(path: String, options: PlanOptions = PlanOptions()) throws(InferenceError) {
    let model = try LoadedModel(path: path)
    try model.require(.segmentation)
    guard let name = model.otherMetadata[Self.networkKey],
      let geometry = SegmentationNetwork(rawValue: name)
    else {
      throw .file(path: path, problem: "does not say which network it is, or one that is unknown")
    }
    guard let classes = Self.masks(of: model) else {
      throw .file(path: path, problem: "does not say what its masks hold")
    }
    guard let preprocessing = model.card.preprocessing, preprocessing.isValid else {
      throw .missingPreprocessing(path: path)
    }
    self.card = model.card
    self.classes = classes
    (mean, std) = (preprocessing.mean, preprocessing.std)
    network = try model.windowed(
      stride: geometry.stride, remainder: geometry.remainder, margin: geometry.margin,
      overlap: geometry.overlap, options: options)
    guard network.outputChannels == classes.count, network.inputChannels == mean.count else {
      throw .file(path: path, problem: "has other classes or channels than its network")
    }
  }

  /// What the masks of a model file's segmenter hold; nil where it is none.
  public static func masks(of model: LoadedModel) -> MaskClasses? {
    guard let text = model.otherMetadata[masksKey],
      let classes = try? JSONDecoder().decode(MaskClasses.self, from: Data(text.utf8)),
      classes.isValid
    else { return nil }
    return classes
  }

  init(
    card: ModelCard, classes: MaskClasses, network: WindowedNetwork, mean: [Float], std: [Float]
  ) {
    self.card = card
    self.classes = classes
    self.network = network
    self.mean = mean
    self.std = std
  }

  /// 1 for gray images, 3 for RGB.
  public var channels: Int { mean.count }

  /// The class of each pixel: an 8-bit gray image of the same size, whose samples are places in
  /// ``classes``.
  ///
  /// - Parameters:
  ///   - image: of any layout; 16 bits are rounded to 8, what is transparent is laid over white.
  ///   - threads: how many windows are computed at a time. The result does not depend on it.
  ///   - progress: is told of windows that are done, and of how many there are.
  public func classMap(
    of image: Image, threads: Int = 1,
    progress: @escaping @Sendable (Int, Int) throws(InferenceError) -> Void = { _, _ in }
  ) throws(InferenceError) -> Image {
    let input = image.flattened(channels: channels)
    let map = ClassMap(width: image.width, height: image.height)
    let normalization = zip(mean, std).map { (scale: 1 / (255 * $1), shift: -$0 / $1) }
    try network.run(
      width: image.width, height: image.height, threads: threads,
      fill: { window, planes in input.write(window, normalization, to: planes) },
      take: { [count = classes.count] window, scores in
        map.write(scores, of: window, classes: count)
      }, progress: progress)
    return map.image
  }

  /// A map of classes as a mask: the numbers that the masks held which were learned from; see
  /// ``MaskClasses/indices`` and ``MaskClasses/palette``.
  public func mask(of map: Image) -> Image {
    let indices = classes.indices
    var result = map
    result.withUnsafeMutableBytes { bytes in
      for place in bytes.indices { bytes[place] = indices[Int(bytes[place])] }
    }
    return result
  }

  /// Pixels of each class in a map.
  public func areas(of map: Image) -> [Int] {
    var counts = [Int](repeating: 0, count: 256)
    map.withUnsafeBytes { for value in $0 { counts[Int(value)] += 1 } }
    return Array(counts[..<classes.count])
  }
}

/// A map of classes that threads write parts of.
///
/// Unchecked: windows write to parts that do not overlap, and the image is made of it when all are done.
private final class ClassMap: @unchecked Sendable {
  private let width: Int
  private let height: Int
  private let bytes: UnsafeMutablePointer<UInt8>

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    bytes = .allocate(capacity: max(width * height, 1))
    bytes.update(repeating: 0, count: width * height)
  }

  deinit { bytes.deallocate() }

  var image: Image {
    var image = Image(layout: PixelLayout(width: width, height: height, channels: 1))
    image.withUnsafeMutableBytes {
      $0.copyMemory(from: UnsafeRawBufferPointer(start: bytes, count: width * height))
    }
    return image
  }

  /// Writes the class of the highest score of each pixel that a window says something of; of equal ones the
  /// first.
  func write(
    _ scores: UnsafeBufferPointer<Float>, of window: WindowedNetwork.Window, classes: Int
  ) {
    guard let start = scores.baseAddress else { return }
    let count = window.columns.count
    var best = [Float](repeating: 0, count: count)
    best.withUnsafeMutableBufferPointer { best in
      // The window's columns and rows lie within the image, and within each plane of scores.
      guard let best = best.baseAddress else { return }
      for row in window.rows {
        let first = start + window.place(column: window.columns.lowerBound, row: row)
        let result = bytes + row * width + window.columns.lowerBound
        best.update(from: first, count: count)
        result.update(repeating: 0, count: count)
        for number in 1..<max(classes, 1) {
          let plane = first + number * window.outputArea
          let name = UInt8(truncatingIfNeeded: number)
          for x in 0..<count {
            let isBetter = plane[x] > best[x]
            best[x] = isBetter ? plane[x] : best[x]
            result[x] = isBetter ? name : result[x]
          }
        }
      }
    }
  }
}

extension Image {
  /// Writes the part of an 8-bit image that a window sees, C × height × width; beyond the image its mirror
  /// image.
  fileprivate func write(
    _ window: WindowedNetwork.Window, _ normalization: [(scale: Float, shift: Float)],
    to planes: UnsafeMutableBufferPointer<Float>
  ) {
    let columns = (0..<window.width).map {
      mirrored(window.left + $0, below: width) * channels
    }
    let area = window.width * window.height
    withUnsafeBytes { bytes in
      // Mirrored places lie within the image; the planes hold C × height × width numbers.
      guard let target = planes.baseAddress,
        let source = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
      else { return }
      for y in 0..<window.height {
        let line = source + mirrored(window.top + y, below: height) * width * channels
        for (channel, numbers) in normalization.enumerated() {
          let row = target + channel * area + y * window.width
          for x in 0..<window.width {
            row[x] = Float(line[columns[x] &+ channel]) * numbers.scale + numbers.shift
          }
        }
      }
    }
  }
}

/// A place mirrored into 0 ..< count: … 2 1 0 1 2 … count−2 count−1 count−2 …
private func mirrored(_ place: Int, below count: Int) -> Int {
  if place >= 0, place < count { return place }
  guard count > 1 else { return 0 }
  let period = 2 * (count - 1)
  let within = (place % period + period) % period
  return within < count ? within : period - within
}
