/// How a picture becomes a network's input: resized to `width` × `height`, its samples taken as 0…1, and
/// (x − mean) / deviation channel by channel. The input is N × C × H × W.
public struct InputForm: Sendable, Codable, Equatable {
  /// How a picture of another shape is brought to the input's.
  public enum Fit: String, Sendable, Codable {
    /// The largest centred part of the input's shape, resized.
    case crop
    /// The whole picture, stretched.
    case stretch
  }

  public var width: Int
  public var height: Int
  /// 1 grey, 3 RGB.
  public var channels: Int
  public var fit: Fit
  /// One for each channel, in units of 0…1.
  public var mean: [Float]
  /// One for each channel, in units of 0…1, none 0.
  public var deviation: [Float]

  public init(
    width: Int, height: Int, channels: Int, fit: Fit = .crop, mean: [Float], deviation: [Float]
  ) {
    self.width = width
    self.height = height
    self.channels = channels
    self.fit = fit
    self.mean = mean
    self.deviation = deviation
  }

  /// Whether all sizes are positive, the channels 1 or 3, and the normalisation fits them.
  public var isUsable: Bool {
    (1...65_535).contains(width) && (1...65_535).contains(height) && [1, 3].contains(channels)
      && mean.count == channels && deviation.count == channels
      && mean.allSatisfy(\.isFinite) && deviation.allSatisfy { $0.isFinite && $0 != 0 }
  }
}
