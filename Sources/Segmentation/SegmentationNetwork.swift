import Models
import Networks
import Tensors

/// The networks that give each pixel a class, and how they lie over an image.
public enum SegmentationNetwork: String, Sendable, Codable, CaseIterable {
  case unet
  case unetSmall = "unet-small"
  case unetHalf = "unet-half"

  /// The network for images of a size.
  func network(
    classes: Int, width: Int, height: Int, channels: Int
  ) throws(NetworkError) -> Network {
    try Models.named(rawValue, classes: classes, input: [height, width, channels])
  }

  /// What the sides of the result are multiples of.
  public var stride: Int {
    switch self {
    case .unet, .unetSmall: 16
    case .unetHalf: 32
    }
  }

  /// What is left of a side of the result that is divided by ``stride``.
  var remainder: Int { self == .unet ? 4 : 0 }

  /// How much smaller than the input the result is at each edge.
  var margin: Int { self == .unet ? Models.unetMargin : 0 }

  /// Pixels that windows over a large image overlap by to each side.
  var overlap: Int {
    switch self {
    case .unet: 0
    case .unetSmall: 48
    case .unetHalf: 96
    }
  }

  /// The largest side of a result that is not above a wish, at least one.
  public func side(atMost side: Int) -> Int {
    max(1, (side - remainder) / stride) * stride + remainder
  }
}
