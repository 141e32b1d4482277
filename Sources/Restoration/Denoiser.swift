import Engine
import Images
import Inference

/// A trained denoiser of gray or color images of any size, by rows.
public struct Denoiser: Sendable {
  /// 1 gray, 3 RGB.
  public let colors: Int
  public let name: String
  public let network: TiledNetwork

  /// Levels of 255 that a denoiser knows.
  public static let sigmas = 0.0...Double(DenoisingPatches.largestSigma)

  /// Reads a model file that ``RestorationTask`` wrote.
  ///
  /// - Throws: ``InferenceError/file(path:problem:)`` where it is damaged or of another kind.
  public init(path: String, options: PlanOptions = PlanOptions()) throws(InferenceError) {
    let model = try LoadedModel(path: path)
    try model.require(restoring: .denoising)
    name = model.card.name
    network = try model.tiled(
      scale: 1, reach: model.number(RestorationTask.reachKey, in: 0...256), stride: 2,
      options: options)
    colors = network.outputChannels
    guard [1, 3].contains(colors), network.inputChannels == colors + 1 else {
      throw .file(path: path, problem: "takes or makes other channels than a denoiser")
    }
  }

  /// The rows of an image without its noise.
  ///
  /// - Parameters:
  ///   - upstream: the image, of as many colors as the denoiser's, or gray; nobody else may read it from now
  ///     on. Alpha stays as it is.
  ///   - sigma: the standard deviation of the noise in levels of 255, 0…75.
  ///   - strength: how much of it is removed: 0 nothing, 1 all.
  ///   - threads: how many tiles are computed at a time. The result does not depend on it.
  ///   - progress: is told of the tiles that are done, and of how many there are.
  public func source(
    over upstream: any RowSource, sigma: Double, strength: Double = 1, threads: Int = 1,
    progress: @escaping (Int, Int) -> Void = { _, _ in }
  ) throws(ImageError) -> TiledSource {
    try TiledSource(
      DenoisingFilter(
        colors: colors, sigma: Float(sigma) / 255, strength: Float(strength),
        source: upstream.layout),
      through: network, over: upstream, threads: threads, progress: progress)
  }

  /// The image without its noise.
  public func denoised(
    _ image: Image, sigma: Double, strength: Double = 1, threads: Int = 1
  ) throws(ImageError) -> Image {
    try Image(
      reading: source(
        over: ImageRows(image), sigma: sigma, strength: strength, threads: threads))
  }
}

/// Colors go through the network with the level of their noise; alpha does not.
struct DenoisingFilter: TileFilter {
  let colors: Int
  let sigma: Float
  let strength: Float
  let source: PixelLayout

  func output(of input: PixelLayout) -> PixelLayout { input }

  func fill(
    _ planes: UnsafeMutableBufferPointer<Float>, from tile: TileInput, pass: Int
  ) -> Bool {
    guard let start = planes.baseAddress else { return false }
    let side = tile.side
    let area = side * side
    // The planes hold (colors + 1) × side × side numbers.
    for color in 0..<colors {
      for row in 0..<side {
        tile.read(
          row: row, channel: min(color, tile.layout.colorChannels - 1),
          into: start + color * area + row * side)
      }
    }
    (start + colors * area).update(repeating: sigma, count: area)
    return true
  }

  func take(
    _ planes: UnsafeBufferPointer<Float>, from tile: TileInput, to result: TileOutput, pass: Int
  ) {
    guard let start = planes.baseAddress else { return }
    let area = result.side * result.side
    let own = result.layout.colorChannels
    var line = [Float](repeating: 0, count: tile.side)
    var mean = [Float](repeating: 0, count: result.width)
    line.withUnsafeMutableBufferPointer { line in
      guard let line = line.baseAddress else { return }
      for row in 0..<result.height {
        for channel in 0..<result.layout.channels {
          tile.read(row: tile.margin + row, channel: channel, into: line)
          let values = line + tile.margin
          if channel < own {
            // Rows of the inner part of each plane; a gray image takes the mean of three.
            let first = start + result.offset + row * result.side + channel * area
            for x in 0..<result.width {
              mean[x] = first[x]
              if own < colors { mean[x] = (first[x] + first[x + area] + first[x + 2 * area]) / 3 }
              values[x] += strength * (mean[x] - values[x])
            }
          }
          result.write(row: row, channel: channel, from: values)
        }
      }
    }
  }
}
