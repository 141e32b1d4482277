import Datasets
import Engine
import Glibc

/// Everything of a segmentation's training that decides how it goes, beside data, seed and threads.
public struct SegmentationSettings: Sendable, Encodable {
  /// What is minimized over the pixels that have a class.
  public enum Objective: String, Sendable, Codable, CaseIterable {
    /// The mean of −ln p of each pixel's class, classes weighed.
    case crossEntropy = "cross-entropy"
    /// 1 − the mean over the classes of Dice's coefficient 2 Σ p·t / (Σ p + Σ t) (F. Milletari et al. 2016,
    /// arXiv 1606.04797, §3).
    case dice
  }

  /// How much the pixels of a class count, by the share p of all pixels that it has.
  public enum ClassWeighting: String, Sendable, Codable, CaseIterable {
    /// All alike.
    case none
    /// 1 / ln(1.1 + p) (A. Paszke et al. 2016, *ENet*, arXiv 1606.02147, §5.2, with 1.02 in place of 1.1, which
    /// gives so much to rare classes that they are seen where they are not).
    case logarithmic = "log"
    /// The median of all p, divided by p (D. Eigen, R. Fergus 2015, arXiv 1411.4734, §6.3.2).
    case median
  }

  /// Where images and masks lie.
  public var data: DataIdentity
  /// Where those lie that are measured by; nil where they are held out.
  public var validationData: DataIdentity?
  public var network: SegmentationNetwork
  public var classes: MaskClasses
  /// 1 for gray images, 3 for RGB.
  public var channels: Int
  /// The parts that are learned from, in pixels of the result.
  public var width: Int
  public var height: Int
  /// Pixels of such a part for one of an image, at least and at most.
  public var smallestScale: Float
  public var largestScale: Float
  public var augmentation: [AugmentationKind]
  public var objective: Objective
  public var classWeighting: ClassWeighting
  /// Whether the ground between two objects that almost touch counts more (``BorderWeights``).
  public var weighsBorders: Bool
  public var epochs: Int
  /// Parts in a step.
  public var batchSize: Int
  /// Steps in an epoch; nil for one pass over the images.
  public var stepsPerEpoch: Int?
  public var learningRate: Float
  public var weightDecay: Float
  public var precision: Precision

  public init(
    data: DataIdentity, validationData: DataIdentity? = nil, network: SegmentationNetwork,
    classes: MaskClasses, channels: Int, width: Int, height: Int,
    scales: ClosedRange<Float> = 0.75...1.5, augmentation: [AugmentationKind] = [.flip, .color],
    objective: Objective = .crossEntropy, classWeighting: ClassWeighting = .logarithmic,
    weighsBorders: Bool = false,
    epochs: Int, batchSize: Int = 8, stepsPerEpoch: Int? = nil, learningRate: Float = 2e-3,
    weightDecay: Float = 1e-2, precision: Precision = .float32
  ) {
    self.data = data
    self.validationData = validationData
    self.network = network
    self.classes = classes
    self.channels = channels
    self.width = width
    self.height = height
    (smallestScale, largestScale) = (scales.lowerBound, scales.upperBound)
    self.augmentation = augmentation
    self.objective = objective
    self.classWeighting = classWeighting
    self.weighsBorders = weighsBorders
    self.epochs = epochs
    self.batchSize = batchSize
    self.stepsPerEpoch = stepsPerEpoch
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.precision = precision
  }

  /// Data and epochs are compared elsewhere.
  private enum CodingKeys: CodingKey {
    case network, classes, channels, width, height, smallestScale, largestScale, augmentation
    case objective, classWeighting, weighsBorders, batchSize, stepsPerEpoch, learningRate,
      weightDecay, precision
  }
}

extension SegmentationSettings.ClassWeighting {
  /// The weights of classes of so many pixels, of mean 1 over all pixels; 0 of a class without any.
  package func weights(counts: [Int]) -> [Float] {
    let total = Double(counts.reduce(0, +))
    let shares = counts.map { Double($0) / max(total, 1) }
    let present = shares.filter { $0 > 0 }.sorted()
    guard !present.isEmpty else { return counts.map { _ in 1 } }
    let median = present[present.count / 2]
    let weights = shares.map { share -> Double in
      guard share > 0 else { return 0 }
      return switch self {
      case .none: 1
      case .logarithmic: 1 / log(1.1 + share)
      case .median: median / share
      }
    }
    let mean = zip(weights, shares).reduce(0) { $0 + $1.0 * $1.1 }
    return weights.map { Float($0 / mean) }
  }
}
