import Datasets
import Graphs
import Models
import Networks
import Tensors

/// What is to be restored: which network does it, and what it learns from.
public enum Restoration: Sendable, Hashable {
  /// Larger images by a whole factor, 2…4.
  case upscaling(scale: Int)
  /// Images without their noise: 1 color for gray, 3 for RGB.
  case denoising(colors: Int)
  /// Images without what JPEG's compression left in them, blocks above all; of as many colors.
  case deblocking(colors: Int)

  /// What model files and configurations say.
  public enum Kind: String, Sendable {
    case upscaling, denoising, deblocking, autoencoding
    case noiseEstimation = "noise estimation"
  }

  public var kind: Kind {
    switch self {
    case .upscaling: .upscaling
    case .denoising: .denoising
    case .deblocking: .deblocking
    }
  }

  /// Pixels of the output for one of the input, along a side.
  public var scale: Int {
    switch self {
    case .upscaling(let scale): scale
    case .denoising, .deblocking: 1
    }
  }

  /// Colors of the images: 1 or 3; nil for an upscaler, which takes both.
  public var colors: Int? {
    switch self {
    case .upscaling: nil
    case .denoising(let colors), .deblocking(let colors): colors
    }
  }

  /// The network for inputs of a size.
  func network(_ shape: NetworkSize, size: Int) throws(NetworkError) -> Network {
    switch self {
    case .upscaling(let scale):
      try Models.upscaler(
        scale: scale, channels: shape.channels, blocks: shape.blocks, size: size)
    case .denoising(let colors), .deblocking(let colors):
      try Models.denoiser(
        colors: colors, channels: shape.channels, blocks: shape.blocks, size: size)
    }
  }

  /// How far a result sees, in pixels of the input.
  func reach(_ shape: NetworkSize) -> Int {
    switch self {
    case .upscaling: Models.upscalerReach(blocks: shape.blocks)
    case .denoising, .deblocking: Models.denoiserReach(blocks: shape.blocks)
    }
  }

  /// Parts of images with what they should become.
  func patches(of images: Dataset, side: Int) -> any ExampleSource {
    switch self {
    case .upscaling(let scale):
      UpscalingPatches(
        images: images, scale: scale, side: side, jpegShare: 0.5, qualities: 40...95)
    case .denoising(let colors): DenoisingPatches(images: images, colors: colors, side: side)
    case .deblocking(let colors): DeblockingPatches(images: images, colors: colors, side: side)
    }
  }

  /// The mean absolute error between what the network makes and what it should, N × C × H × W.
  func absoluteError(_ output: Node, _ target: Node) throws(GraphError) -> Node {
    let weights = channelWeights
    let scale = Float(weights.count) / weights.reduce(0, +)
    let factors = output.graph.constant(
      Tensor([1, weights.count, 1, 1], weights.map { $0 * scale }))
    return try ((output - target).map(.abs) * factors).mean()
  }

  /// The weights of the output's channels in the loss.
  private var channelWeights: [Float] {
    switch self {
    // What is measured and seen first is luma; chroma is smooth.
    case .upscaling: [1, 0.25, 0.25]
    case .denoising(let colors), .deblocking(let colors): Array(repeating: 1, count: colors)
    }
  }
}

/// How large a restoring network is.
public struct NetworkSize: Sendable, Hashable, Codable {
  public var channels: Int
  /// Residual blocks, of two convolutions each.
  public var blocks: Int

  public init(channels: Int, blocks: Int) {
    self.channels = channels
    self.blocks = blocks
  }
}
