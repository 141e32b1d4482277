import Files
import Images

/// Images and the class of each of their pixels, in memory.
public struct MaskedImages: Sendable {
  /// 8 bits without alpha, all of ``channels``.
  public let images: Dataset
  /// Of the size of its image each, gray: the number of a class, or ``MaskClasses/none``.
  public let masks: Dataset
  public let classes: MaskClasses
  /// 1 where all images are gray, else 3.
  public let channels: Int

  /// - Precondition: a mask for each image.
  public init(images: Dataset, masks: Dataset, classes: MaskClasses, channels: Int) {
    precondition(images.count == masks.count, "a mask for each image")
    self.images = images
    self.masks = masks
    self.classes = classes
    self.channels = channels
  }

  public var count: Int { images.count }

  /// Pixels of each class.
  public var classCounts: [Int] {
    var counts = [Int](repeating: 0, count: 256)
    for index in 0..<masks.count {
      guard let mask = try? masks.image(at: index) else { continue }
      mask.withUnsafeBytes { for value in $0 { counts[Int(value)] += 1 } }
    }
    return Array(counts[..<classes.count])
  }
}

extension MaskPairs {
  /// An image as it is stored, and the class of each of its pixels.
  ///
  /// - Throws: where one of both cannot be read, or they are of different sizes.
  public func pair(
    at index: Int, classes: MaskClasses
  ) throws(ImageError) -> (image: Image, mask: Image) {
    let image = try Image(path: images[index])
    let mask: Image
    do throws(ImageError) { mask = try MaskFile(path: masks[index]).classes(classes) } catch {
      throw .invalidRequest("its mask \(masks[index]): \(error.reason)")
    }
    guard mask.width == image.width, mask.height == image.height else {
      throw .invalidRequest(
        "has a mask of \(mask.width) × \(mask.height) pixels, not \(image.width) × \(image.height)")
    }
    return (image, mask)
  }

  /// Decodes images and masks, as many as a quarter of the memory holds. Those that cannot be read, and pairs
  /// of different sizes, are left out and named.
  ///
  /// - Parameters:
  ///   - classes: what the masks hold.
  ///   - channels: of all images; nil for 1 where all are gray, else 3.
  ///   - progress: is told of images that are done, from several threads.
  public func decoded(
    classes: MaskClasses, channels: Int? = nil, threads: Int = processorCount,
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) -> (images: MaskedImages, damaged: [DatasetWarning]) {
    let work = Results<(Image, Image)>(count)
    parallelLoop(count, threads: max(1, min(threads, count))) { next in
      while let index = next() {
        work.set(index) { () throws(ImageError) in
          var image = try Image(path: images[index])
          image.metadata = Metadata()
          let mask = try MaskFile(path: masks[index]).classes(classes)
          guard mask.width == image.width, mask.height == image.height else {
            throw .invalidRequest(
              "has a mask of \(mask.width) × \(mask.height) pixels, not \(image.width) × \(image.height)"
            )
          }
          return (image.flattened(channels: channels), mask)
        }
        progress(1)
      }
    }
    let pairs = work.all
    let isColor = pairs.contains { (try? $0?.get().0.channels) == 3 }
    let channels = channels ?? (isColor ? 3 : 1)
    var (kept, damaged, bytes): ([(String, Image, Image)], [DatasetWarning], Int) = ([], [], 0)
    for (index, pair) in pairs.enumerated() {
      switch pair {
      case .success((let image, let mask)):
        let image = image.flattened(channels: channels)
        bytes += image.layout.byteCount + mask.layout.byteCount
        guard bytes <= Dataset.memoryBudget else {
          damaged.append(
            .unreadableImage(
              path: images[index], reason: "there is no memory for it and those after it"))
          return (Self.dataset(kept, classes, channels), damaged)
        }
        kept.append((images[index], image, mask))
      case .failure(let error):
        damaged.append(.unreadableImage(path: images[index], reason: error.reason))
      case nil: break
      }
    }
    return (Self.dataset(kept, classes, channels), damaged)
  }

  private static func dataset(
    _ kept: [(String, Image, Image)], _ classes: MaskClasses, _ channels: Int
  ) -> MaskedImages {
    func dataset(_ images: [Image]) -> Dataset {
      Dataset(
        classNames: [""], labels: kept.map { _ in 0 }, names: kept.map(\.0),
        source: .memory(images))
    }
    return MaskedImages(
      images: dataset(kept.map(\.1)), masks: dataset(kept.map(\.2)), classes: classes,
      channels: channels)
  }

  /// Looks at all masks for what they hold: the classes, in the order of their values.
  ///
  /// - Parameters:
  ///   - names: their names, and maybe their colors; nil names each by its value.
  ///   - void: what belongs to no class.
  /// - Throws: ``DatasetError`` where the masks hold more than ``MaskClasses/largestCount`` values, such as a
  ///   photograph's, or others than are named.
  public func classes(
    names: ClassNameFile? = nil, void: Int? = nil, threads: Int = processorCount
  ) throws(DatasetError) -> MaskClasses {
    let work = Results<(MaskClasses.Kind, Set<Int>, [Int])>(count)
    parallelLoop(count, threads: max(1, min(threads, count))) { next in
      while let index = next() {
        work.set(index) { () throws(ImageError) in
          let mask = try MaskFile(path: masks[index])
          var values: Set<Int> = []
          var last = -1
          mask.forEachValue { _, value in
            if value != last, values.count <= MaskClasses.largestCount + 1 { values.insert(value) }
            last = value
          }
          return (mask.kind, values, mask.palette)
        }
      }
    }
    var found = FoundClasses(void: void)
    for (index, result) in work.all.enumerated() {
      // What cannot be read is named when its image is read.
      guard let (kind, values, palette) = try? result?.get() else { continue }
      try found.add(kind, values, palette, path: masks[index])
    }
    return try found.classes(named: names, path: masks.first ?? imageFolder)
  }
}

/// What threads find, in order.
///
/// Unchecked: what changes does so inside the monitor.
private final class Results<Value>: @unchecked Sendable {
  private let monitor = Monitor()
  private(set) var all: [Result<Value, ImageError>?]

  init(_ count: Int) { all = Array(repeating: nil, count: count) }

  func set(_ index: Int, _ make: () throws(ImageError) -> Value) {
    let result = Result { () throws(ImageError) in try make() }
    monitor.withLock { all[index] = result }
  }
}
