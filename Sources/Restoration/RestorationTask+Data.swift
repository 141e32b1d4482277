import Datasets
import Images
import ModelFiles
import Training

extension RestorationTask {
  /// A task from a folder's images, decoded into memory where a quarter of it holds them; every tenth is
  /// held out to measure by, the others are learned from in several sizes.
  ///
  /// - Parameters:
  ///   - images: all images of the data.
  ///   - card: what the model file says beside the measured quality.
  ///   - pretrainedWeights: the values that are not random at the beginning, by name.
  ///   - features: what an upscaler is sharpened by; nil for the smallest absolute error.
  ///   - damaged: is told of the images that cannot be read.
  /// - Throws: ``TrainingError/data(_:damaged:)`` where none can be learned from.
  public init(
    _ restoration: Restoration, images: Dataset, settings: RestorationSettings, card: ModelCard,
    pretrainedWeights: TensorTable = TensorTable(), features: FeatureDistance? = nil,
    damaged: ([DatasetWarning]) -> Void = { _ in },
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws(TrainingError) {
    let (training, validation) = try images.prepared(
      path: settings.data.path, smallest: restoration.scale * settings.patch,
      holdOutInterval: settings.holdOutInterval, damaged: damaged, progress: progress)
    self.init(
      restoration, settings: settings,
      images: try training.joinedByReductions(smallest: restoration.scale * settings.patch),
      validation: validation, card: card, pretrainedWeights: pretrainedWeights, features: features)
  }

  /// Images that are held out from learning.
  public var heldOutCount: Int { validation?.count ?? 0 }
  /// Images that are learned from; one that is there in several sizes is one.
  public var trainingCount: Int { Set(images.names).count }
}

extension NoiseEstimatorTask {
  /// A task from a folder's images, decoded into memory where a quarter of it holds them; every tenth is
  /// held out to measure by.
  ///
  /// - Parameters:
  ///   - images: all images of the data.
  ///   - card: what the model file says beside the measured quality.
  ///   - damaged: is told of the images that cannot be read.
  /// - Throws: ``TrainingError/data(_:damaged:)`` where none can be learned from.
  public init(
    images: Dataset, settings: NoiseEstimatorSettings, card: ModelCard,
    damaged: ([DatasetWarning]) -> Void = { _ in },
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws(TrainingError) {
    let (training, validation) = try images.prepared(
      path: settings.data.path, smallest: settings.patch, holdOutInterval: 10, damaged: damaged,
      progress: progress)
    self.init(settings: settings, images: training, validation: validation, card: card)
  }

  /// Images that are held out from learning.
  public var heldOutCount: Int { validation?.count ?? 0 }
  /// Images that are learned from.
  public var trainingCount: Int { images.count }
}

extension Dataset {
  /// The images in memory, and those that are held out.
  ///
  /// - Parameters:
  ///   - path: where they lie.
  ///   - smallest: the shortest side that an image may have.
  ///   - interval: one image of so many is held out; nil holds out none.
  /// - Throws: where none can be learned from.
  fileprivate func prepared(
    path: String, smallest: Int, holdOutInterval interval: Int?,
    damaged: ([DatasetWarning]) -> Void, progress: @Sendable (Int) -> Void
  ) throws(TrainingError) -> (training: Dataset, validation: Dataset?) {
    let (decoded, warnings) = decoded(smallest: smallest, progress: progress)
    damaged(warnings)
    guard decoded.count > 0 else {
      throw .noneReadable(path: path, count: count, damaged: warnings)
    }
    guard let interval, decoded.count >= interval else { return (decoded, nil) }
    let (training, validation) = decoded.split(holdingOutEvery: interval)
    return (training, validation)
  }

  /// The images, in memory, and each once more in smaller sizes: they have sharper edges, and less of the grain
  /// and the compression of what they were taken with, than the photographs themselves (C. Dong et al. 2016,
  /// *Accelerating the Super-Resolution Convolutional Neural Network*, arXiv 1608.00367, §4.1).
  ///
  /// - Parameter smallest: the shortest side that an image may have.
  fileprivate func joinedByReductions(smallest: Int) throws(TrainingError) -> Dataset {
    var (labels, names, images) = (labels, names, [Image]())
    do throws(ImageError) {
      for index in 0..<count { images.append(try image(at: index)) }
      for index in 0..<count {
        for size in Self.reductions {
          let width = Int(Double(images[index].width) * size)
          let height = Int(Double(images[index].height) * size)
          guard min(width, height) >= smallest else { continue }
          images.append(try images[index].resized(width: width, height: height, .cubic))
          labels.append(self.labels[index])
          names.append(self.names[index])
        }
      }
    } catch { throw TrainingError(wrapping: error) }
    return Dataset(
      classNames: classNames, labels: labels, names: names, source: .memory(images))
  }

  private static let reductions = [0.8, 0.65, 0.5]

  /// Images of more pixels are halved until they have fewer: photographs of many megapixels are soft, and
  /// hold the noise and the compression of their camera.
  private static let largest = 2_000_000

  /// The images in 8-bit RGB in memory, as far as a quarter of it holds them. Those that cannot be read and
  /// those with a side of fewer than `smallest` pixels are left out and named.
  private func decoded(
    smallest: Int, progress: @Sendable (Int) -> Void
  ) -> (dataset: Dataset, damaged: [DatasetWarning]) {
    var (kept, decoded): ([Int], [Image]) = ([], [])
    var damaged: [DatasetWarning] = []
    var bytes = 0
    for index in 0..<count {
      do throws(ImageError) {
        var image = try self.image(at: index).flattened(channels: 3)
        while image.width * image.height > Self.largest {
          image = try image.resized(
            width: (image.width + 1) / 2, height: (image.height + 1) / 2, .area)
        }
        image.metadata = Metadata()
        guard min(image.width, image.height) >= smallest else {
          throw .invalidRequest("is smaller than \(smallest) × \(smallest) pixels")
        }
        kept.append(index)
        decoded.append(image)
        bytes += image.layout.byteCount
      } catch { damaged.append(.unreadableImage(path: names[index], reason: error.reason)) }
      progress(1)
      if bytes > Self.memoryBudget { break }
    }
    let dataset = Dataset(
      classNames: classNames, labels: kept.map { labels[$0] }, names: kept.map { names[$0] },
      source: .memory(decoded))
    return (dataset, damaged)
  }
}
