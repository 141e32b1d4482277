import Datasets
import ModelFiles
import Tensors

/// What a file may leave unsaid of a classifier from elsewhere: its labels, and how pictures are brought
/// to the form that it takes.
public struct Preparation: Sendable, Equatable, Decodable {
  /// The labels in the order of the outputs.
  public var classNames: [String]?
  public var input: Input?
  public var name: String?
  public var summary: String?
  public var data: String?
  public var licence: String?
  public var limits: String?

  /// How pictures are brought to the form that the network takes; nil where nothing is said.
  public struct Input: Sendable, Equatable, Decodable {
    /// Pixels, where the network takes any size.
    public var width: Int?
    public var height: Int?
    public var fit: InputForm.Fit?
    /// Subtracted from samples of 0…1: one number, or one a channel.
    public var mean: [Float]?
    /// What they are then divided by: one number, or one a channel.
    public var deviation: [Float]?

    public init(
      width: Int? = nil, height: Int? = nil, fit: InputForm.Fit? = nil, mean: [Float]? = nil,
      deviation: [Float]? = nil
    ) {
      self.width = width
      self.height = height
      self.fit = fit
      self.mean = mean
      self.deviation = deviation
    }
  }

  public init(classNames: [String]? = nil, input: Input? = nil) {
    self.classNames = classNames
    self.input = input
  }

  /// The usual ways of putting samples into numbers.
  public enum Samples: String, Sendable, CaseIterable {
    /// (x − mean) / deviation of ImageNet's pictures, as torchvision's networks take them.
    case imagenet
    /// 0…1.
    case unit
    /// −1…1.
    case symmetric
    /// 0…255.
    case bytes

    public var mean: [Float] {
      switch self {
      case .imagenet: [0.485, 0.456, 0.406]
      case .unit, .bytes: [0]
      case .symmetric: [0.5]
      }
    }

    public var deviation: [Float] {
      switch self {
      case .imagenet: [0.229, 0.224, 0.225]
      case .unit: [1]
      case .symmetric: [0.5]
      case .bytes: [1 / 255]
      }
    }
  }

  /// The problem of a network of pictures of which nobody says it.
  static let missing =
    "does not say what samples become: give --preprocess imagenet, as most networks of photos want "
    + "it, or unit, symmetric, bytes, or --mean and --std"

  /// What this says, and where it says nothing what another does.
  func completed(by other: Preparation?) -> Preparation {
    guard let other else { return self }
    var result = self
    result.classNames = classNames ?? other.classNames
    result.name = name ?? other.name
    result.summary = summary ?? other.summary
    result.data = data ?? other.data
    result.licence = licence ?? other.licence
    result.limits = limits ?? other.limits
    var form = input ?? Input()
    form.width = form.width ?? other.input?.width
    form.height = form.height ?? other.input?.height
    form.fit = form.fit ?? other.input?.fit
    form.mean = form.mean ?? other.input?.mean
    form.deviation = form.deviation ?? other.input?.deviation
    result.input = form
    return result
  }

  /// What a card says.
  init(_ card: ModelCard) {
    classNames = card.classNames.isEmpty ? nil : card.classNames
    name = card.name
    summary = card.summary
    data = card.data
    licence = card.licence
    limits = card.limits
    input = card.input.map {
      Input(
        width: $0.width, height: $0.height, fit: $0.fit, mean: $0.mean, deviation: $0.deviation)
    }
  }

  /// Puts what is said into the card of a network.
  ///
  /// - Parameters:
  ///   - shape: what the network takes, H×W×C or F.
  ///   - classCount: how many classes it tells apart; nil where it is no classifier.
  func apply(to card: inout ModelCard, takes shape: Shape, classCount: Int?) throws(TrainingError) {
    if let classCount {
      guard classCount <= 1 << 20 else {
        throw .options("a network of \(classCount) classes is none that can be shown")
      }
      let numbered = (0..<classCount).map { "class_\($0)" }
      let names = classNames ?? (card.classNames.isEmpty ? numbered : card.classNames)
      guard names.count == classCount else {
        throw .options("there are \(names.count) labels for a network of \(classCount) classes")
      }
      card.classNames = names
    }
    (card.name, card.summary) = (name ?? card.name, summary ?? card.summary)
    (card.data, card.licence) = (data ?? card.data, licence ?? card.licence)
    card.limits = limits ?? card.limits
    guard let input, shape.rank == 3 else { return }
    let channels = shape[2]
    func perChannel(_ numbers: [Float]?, _ known: [Float]?) throws(TrainingError) -> [Float]? {
      guard let numbers = numbers ?? known else { return nil }
      if numbers.count == 1 { return Array(repeating: numbers[0], count: channels) }
      if numbers.count == 3, channels == 1 {
        return [(numbers[0] + numbers[1] + numbers[2]) / 3]
      }
      guard numbers.count == channels else {
        throw .options("there are \(numbers.count) numbers for \(channels) channels")
      }
      return numbers
    }
    guard let mean = try perChannel(input.mean, card.input?.mean),
      let deviation = try perChannel(input.deviation, card.input?.deviation)
    else { return }
    let form = InputForm(
      width: shape[1], height: shape[0], channels: channels,
      fit: input.fit ?? card.input?.fit ?? .crop, mean: mean, deviation: deviation)
    guard form.isUsable else {
      throw .options("pictures cannot be prepared so: mean \(mean), deviation \(deviation)")
    }
    card.input = form
  }
}
