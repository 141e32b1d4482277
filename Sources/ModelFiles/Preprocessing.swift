/// How an image becomes a network's input: resized to `width` × `height`, its samples scaled to 0…1, and
/// (x − mean) / std channel by channel. The input is N × C × H × W.
///
/// With ``shorterSide`` it is what torchvision's `Resize` and `CenterCrop` make.
public struct Preprocessing: Sendable, Equatable {
  /// How an image of another aspect ratio is fitted.
  public enum ResizeMode: String, Sendable, Codable, CaseIterable {
    /// The largest centered part of the input's aspect ratio, resized.
    case centerCrop = "crop"
    /// The whole image, its aspect ratio changed.
    case squash = "stretch"
    /// The whole image, with black beside or above and below it.
    case letterbox = "pad"
  }

  /// How pixels are weighed together where the size changes; the kernels cover every pixel.
  public enum Interpolation: String, Sendable, Codable, CaseIterable {
    /// Triangle.
    case linear
    /// Keys's with a = −0.5, as Pillow's and torchvision's `BICUBIC`.
    case cubic
  }

  /// The order of an RGB image's channels.
  public enum ChannelOrder: String, Sendable, Codable, CaseIterable {
    case rgb
    /// As OpenCV and Caffe keep them.
    case bgr
  }

  public var width: Int
  public var height: Int
  /// 1 gray, 3 RGB.
  public var channels: Int
  public var resizeMode: ResizeMode
  /// What the image's shorter side is resized to before the input's size is cropped out of its center;
  /// nil where the largest part of the input's aspect ratio is.
  public var shorterSide: Int?
  /// The side to which larger images are reduced first, by area, before they are enlarged to the input's size:
  /// that of the images which the network learned from, where it takes larger ones than it learned from; nil
  /// for none.
  ///
  /// To show a network its objects larger than they were in training makes it more accurate, but they may
  /// not be sharper (H. Touvron et al. 2019, *Fixing the Train-Test Resolution Discrepancy*, arXiv 1906.06423).
  public var detailSide: Int?
  public var interpolation: Interpolation
  public var channelOrder: ChannelOrder
  /// One for each channel, in units of 0…1, in the order in which the network takes them.
  public var mean: [Float]
  /// Standard deviations, one for each channel, in units of 0…1, none 0.
  public var std: [Float]

  /// The sides that an input may have, in pixels.
  public static let sides = 1...8192

  public init(
    width: Int, height: Int, channels: Int, resizeMode: ResizeMode = .centerCrop,
    shorterSide: Int? = nil, detailSide: Int? = nil, interpolation: Interpolation = .linear,
    channelOrder: ChannelOrder = .rgb, mean: [Float], std: [Float]
  ) {
    self.width = width
    self.height = height
    self.channels = channels
    self.resizeMode = resizeMode
    self.shorterSide = shorterSide
    self.detailSide = detailSide
    self.interpolation = interpolation
    self.channelOrder = channelOrder
    self.mean = mean
    self.std = std
  }

  /// Whether the sides are within ``sides``, the channels 1 or 3, and the normalization fits them.
  public var isValid: Bool {
    Self.sides.contains(width) && Self.sides.contains(height) && [1, 3].contains(channels)
      && mean.count == channels && std.count == channels
      && mean.allSatisfy(\.isFinite) && std.allSatisfy { $0.isFinite && $0 != 0 }
      && (shorterSide.map { Self.sides.contains($0) && $0 >= max(width, height) } ?? true)
      && (detailSide.map(Self.sides.contains) ?? true)
  }

  /// Values of one input: channels × height × width.
  public var elementCount: Int { channels * height * width }
}

/// The usual ways of turning samples into numbers.
public enum Normalization: String, Sendable, CaseIterable {
  /// (x − mean) / std of ImageNet's images, as torchvision's networks take them.
  case imagenet
  /// 0…1.
  case zeroToOne = "unit"
  /// −1…1.
  case minusOneToOne = "symmetric"
  /// 0…255.
  case zeroTo255 = "bytes"

  /// One number, or one per channel of an RGB image.
  public var mean: [Float] {
    switch self {
    case .imagenet: [0.485, 0.456, 0.406]
    case .zeroToOne, .zeroTo255: [0]
    case .minusOneToOne: [0.5]
    }
  }

  /// One number, or one per channel of an RGB image.
  public var std: [Float] {
    switch self {
    case .imagenet: [0.229, 0.224, 0.225]
    case .zeroToOne: [1]
    case .minusOneToOne: [0.5]
    case .zeroTo255: [1 / 255]
    }
  }
}

/// In JSON by the names of the properties; `fit` and `deviation`, as they were once called, are read, too.
extension Preprocessing: Codable {
  fileprivate enum CodingKeys: CodingKey {
    case width, height, channels, resizeMode, shorterSide, detailSide, interpolation, channelOrder
    case mean, std
    // Former spellings.
    case fit, deviation
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    width = try container.decode(Int.self, forKey: .width)
    height = try container.decode(Int.self, forKey: .height)
    channels = try container.decode(Int.self, forKey: .channels)
    resizeMode = try container.decode(ResizeMode.self, forKey: .resizeMode, or: .fit)
    shorterSide = try container.decodeIfPresent(Int.self, forKey: .shorterSide)
    detailSide = try container.decodeIfPresent(Int.self, forKey: .detailSide)
    interpolation =
      try container.decodeIfPresent(Interpolation.self, forKey: .interpolation) ?? .linear
    channelOrder =
      try container.decodeIfPresent(ChannelOrder.self, forKey: .channelOrder) ?? .rgb
    mean = try container.decode([Float].self, forKey: .mean)
    std = try container.decode([Float].self, forKey: .std, or: .deviation)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(width, forKey: .width)
    try container.encode(height, forKey: .height)
    try container.encode(channels, forKey: .channels)
    try container.encode(resizeMode, forKey: .resizeMode)
    try container.encodeIfPresent(shorterSide, forKey: .shorterSide)
    try container.encodeIfPresent(detailSide, forKey: .detailSide)
    if interpolation != .linear { try container.encode(interpolation, forKey: .interpolation) }
    if channelOrder != .rgb { try container.encode(channelOrder, forKey: .channelOrder) }
    try container.encode(mean, forKey: .mean)
    try container.encode(std, forKey: .std)
  }
}

/// What a caller or a file says of a network's preprocessing where the network's own file says nothing;
/// nil where nothing is said.
public struct PreprocessingOverrides: Sendable, Equatable {
  /// Pixels, where the network takes any size.
  public var width: Int?
  public var height: Int?
  public var resizeMode: Preprocessing.ResizeMode?
  /// What the shorter side is resized to before the center is cropped out.
  public var shorterSide: Int?
  /// See ``Preprocessing/detailSide``.
  public var detailSide: Int?
  public var interpolation: Preprocessing.Interpolation?
  public var channelOrder: Preprocessing.ChannelOrder?
  /// Subtracted from samples of 0…1: one number, or one per channel.
  public var mean: [Float]?
  /// What they are then divided by: one number, or one per channel.
  public var std: [Float]?

  public init(
    width: Int? = nil, height: Int? = nil, resizeMode: Preprocessing.ResizeMode? = nil,
    shorterSide: Int? = nil, detailSide: Int? = nil,
    interpolation: Preprocessing.Interpolation? = nil,
    channelOrder: Preprocessing.ChannelOrder? = nil, mean: [Float]? = nil, std: [Float]? = nil
  ) {
    self.width = width
    self.height = height
    self.resizeMode = resizeMode
    self.shorterSide = shorterSide
    self.detailSide = detailSide
    self.interpolation = interpolation
    self.channelOrder = channelOrder
    self.mean = mean
    self.std = std
  }

  /// All that a file's preprocessing says.
  public init(_ preprocessing: Preprocessing) {
    self.init(
      width: preprocessing.width, height: preprocessing.height,
      resizeMode: preprocessing.resizeMode, shorterSide: preprocessing.shorterSide,
      detailSide: preprocessing.detailSide, interpolation: preprocessing.interpolation,
      channelOrder: preprocessing.channelOrder,
      mean: preprocessing.mean, std: preprocessing.std)
  }

  /// The same, and where it says nothing what `other` does.
  public func merging(_ other: PreprocessingOverrides?) -> PreprocessingOverrides {
    PreprocessingOverrides(
      width: width ?? other?.width, height: height ?? other?.height,
      resizeMode: resizeMode ?? other?.resizeMode,
      // Where somebody else says how images are fitted, a shorter side is not asked for.
      shorterSide: shorterSide ?? (resizeMode == nil ? other?.shorterSide : nil),
      detailSide: detailSide ?? other?.detailSide,
      interpolation: interpolation ?? other?.interpolation,
      channelOrder: channelOrder ?? other?.channelOrder, mean: mean ?? other?.mean,
      std: std ?? other?.std)
  }

  /// The preprocessing of a network that takes `height` × `width` × `channels`; nil where mean or
  /// standard deviation are not known. One number stands for all channels; three for a gray input become
  /// their average.
  ///
  /// - Throws: ``ModelFileError/incomplete(_:)`` where the numbers do not fit the input.
  public func resolved(
    height: Int, width: Int, channels: Int
  ) throws(ModelFileError) -> Preprocessing? {
    guard let mean, let std else { return nil }
    let result = Preprocessing(
      width: width, height: height, channels: channels, resizeMode: resizeMode ?? .centerCrop,
      shorterSide: shorterSide, detailSide: detailSide, interpolation: interpolation ?? .linear,
      channelOrder: channelOrder ?? .rgb,
      mean: try Self.perChannel(mean, channels), std: try Self.perChannel(std, channels))
    guard result.isValid else {
      throw .incomplete(
        "images cannot be preprocessed with mean \(mean) and std \(std) to \(width) × \(height) × "
          + "\(channels)" + (shorterSide.map { ", cropped out of a shorter side of \($0)" } ?? ""))
    }
    return result
  }

  private static func perChannel(
    _ numbers: [Float], _ channels: Int
  ) throws(ModelFileError) -> [Float] {
    if numbers.count == 1 { return Array(repeating: numbers[0], count: channels) }
    if numbers.count == 3, channels == 1 { return [(numbers[0] + numbers[1] + numbers[2]) / 3] }
    guard numbers.count == channels else {
      throw .incomplete("there are \(numbers.count) numbers for \(channels) channels")
    }
    return numbers
  }
}

/// In JSON as ``Preprocessing``, every key optional.
extension PreprocessingOverrides: Decodable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Preprocessing.CodingKeys.self)
    self.init(
      width: try container.decodeIfPresent(Int.self, forKey: .width),
      height: try container.decodeIfPresent(Int.self, forKey: .height),
      resizeMode: try container.decodeIfPresent(
        Preprocessing.ResizeMode.self, forKey: .resizeMode, or: .fit),
      shorterSide: try container.decodeIfPresent(Int.self, forKey: .shorterSide),
      detailSide: try container.decodeIfPresent(Int.self, forKey: .detailSide),
      interpolation: try container.decodeIfPresent(
        Preprocessing.Interpolation.self, forKey: .interpolation),
      channelOrder: try container.decodeIfPresent(
        Preprocessing.ChannelOrder.self, forKey: .channelOrder),
      mean: try container.decodeIfPresent([Float].self, forKey: .mean),
      std: try container.decodeIfPresent([Float].self, forKey: .std, or: .deviation))
  }
}

extension KeyedDecodingContainer {
  /// A value under its name, or under the one that it once had.
  func decode<Value: Decodable>(
    _ type: Value.Type, forKey key: Key, or formerKey: Key
  ) throws -> Value {
    try decode(type, forKey: contains(key) || !contains(formerKey) ? key : formerKey)
  }

  /// The same for a value that may be missing.
  func decodeIfPresent<Value: Decodable>(
    _ type: Value.Type, forKey key: Key, or formerKey: Key
  ) throws -> Value? {
    try decodeIfPresent(type, forKey: contains(key) ? key : formerKey)
  }
}
