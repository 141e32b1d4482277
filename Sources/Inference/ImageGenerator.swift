import Engine
import Files
import Images
import Networks

/// A generator made ready to run.
///
/// Latents are computed a fixed number at once, so that the bytes of an image depend on its latent alone,
/// not on its neighbors.
public final class ImageGenerator {
  /// Numbers in a latent.
  public let latentSize: Int
  /// The images' layout: 8 bits, gray or RGB.
  public let layout: PixelLayout
  /// Looked at while images are computed: first that of the options.
  package var cancellation: Cancellation? {
    get { runner.cancellation }
    set { runner.cancellation = newValue }
  }

  private let runner: BatchRunner

  /// Images that are computed at once.
  private static let batchSize = 16

  /// - Parameters:
  ///   - generator: takes latents, makes images in −1…1.
  ///   - scope: what the variables' names begin with, before the generator's own.
  public init(
    generator: Network, variables: VariableStore, scope: String? = nil,
    options: PlanOptions = PlanOptions()
  ) throws(InferenceError) {
    guard generator.inputShape.rank == 1 else {
      throw .network("a generator takes latents, this takes \(generator.inputShape)")
    }
    runner = try BatchRunner(
      generator, variables: variables, batchSize: Self.batchSize, scope: scope, options: options)
    let shape = runner.output.shape
    guard shape.rank == 4, [1, 3].contains(shape[1]) else {
      throw .network("a generator makes images, this makes \(shape)")
    }
    latentSize = generator.inputShape[0]
    layout = PixelLayout(width: shape[3], height: shape[2], channels: shape[1])
  }

  /// The images of some latents, in their order, one at a time.
  ///
  /// - Parameters:
  ///   - latents: each of ``latentSize`` numbers.
  ///   - body: gets the number and the image of each.
  public func images<Failure: Error>(
    of latents: [[Float]], _ body: (Int, Image) throws(Failure) -> Void
  ) throws {
    try runner.run(count: latents.count) { number, target in
      for (index, value) in latents[number].prefix(latentSize).enumerated() {
        target[index] = value
      }
    } _: { (number, values) throws(Failure) in
      try body(number, Self.image(of: values, layout: layout))
    }
  }

  /// All images of some latents.
  public func images(of latents: [[Float]]) throws(InferenceError) -> [Image] {
    var images: [Image] = []
    do { try self.images(of: latents) { _, image in images.append(image) } } catch {
      throw InferenceError(wrapping: error)
    }
    return images
  }

  /// An image C × H × W in −1…1 as 8 bits.
  private static func image(of values: UnsafeBufferPointer<Float>, layout: PixelLayout) -> Image {
    var image = Image(layout: layout)
    let (area, channels) = (layout.width * layout.height, layout.channels)
    image.withUnsafeMutableBytes { bytes in
      for channel in 0..<channels {
        for pixel in 0..<area {
          let value = ((values[channel * area + pixel] + 1) * 127.5).rounded()
          // A NaN becomes 0, too.
          bytes[pixel * channels + channel] = value > 0 ? UInt8(min(value, 255)) : 0
        }
      }
    }
    return image
  }
}
