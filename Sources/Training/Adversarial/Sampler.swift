import Engine
import Graphs
import Images
import Networks
import Tensors

/// A generator made ready to run.
///
/// Latents are computed a fixed number at once, the rest of a batch with zeros, so that the bytes of
/// a picture depend on its latent alone, not on its neighbours.
public final class Sampler {
  /// Numbers in a latent.
  public let latentSize: Int
  /// The pictures' layout: 8 bits, grey or RGB.
  public let layout: PixelLayout
  private let plan: Plan
  private let latents: Node
  private let pictures: Node

  /// Pictures that are computed at once.
  private static let batchSize = 16

  /// - Parameters:
  ///   - generator: takes latents, makes pictures in −1…1.
  ///   - scope: what the variables' names begin with, before the generator's own.
  public init(
    generator: Network, variables: VariableStore, scope: String? = nil,
    options: PlanOptions = PlanOptions()
  ) throws(TrainingError) {
    do {
      let graph = Graph()
      guard generator.inputShape.rank == 1 else {
        throw TrainingError.network("a generator takes latents, this takes \(generator.inputShape)")
      }
      latents = try graph.input("latents", generator.inputShape.batched(Self.batchSize))
      let built = try generator.build(on: latents, mode: .inference, scope: scope)
      pictures = built.output
      guard pictures.shape.rank == 4, [1, 3].contains(pictures.shape[1]) else {
        throw TrainingError.network("a generator makes pictures, this makes \(pictures.shape)")
      }
      plan = try Plan(
        graph, outputs: [pictures], assignments: .none, variables: variables, options: options)
    } catch { throw TrainingError(wrapping: error) }
    latentSize = generator.inputShape[0]
    layout = PixelLayout(
      width: pictures.shape[3], height: pictures.shape[2], channels: pictures.shape[1])
  }

  /// The pictures of some latents, in their order, one at a time.
  ///
  /// - Parameters:
  ///   - latents: each of `latentSize` numbers.
  ///   - body: gets the number and the picture of each.
  public func samples<Failure: Error>(
    of latents: [[Float]], _ body: (Int, Image) throws(Failure) -> Void
  ) throws {
    for first in stride(from: 0, to: latents.count, by: Self.batchSize) {
      let count = min(Self.batchSize, latents.count - first)
      try plan.withInput(self.latents) { target in
        target.update(repeating: 0)
        for place in 0..<count {
          for (index, value) in latents[first + place].prefix(latentSize).enumerated() {
            target[place * latentSize + index] = value
          }
        }
      }
      try plan.run()
      for place in 0..<count {
        let image = try plan.withOutput(pictures) {
          Self.image(of: $0, place: place, layout: layout)
        }
        try body(first + place, image)
      }
    }
  }

  /// All pictures of some latents.
  public func samples(of latents: [[Float]]) throws(TrainingError) -> [Image] {
    var images: [Image] = []
    do { try samples(of: latents) { _, image in images.append(image) } } catch {
      throw TrainingError(wrapping: error)
    }
    return images
  }

  /// One picture of a batch N × C × H × W in −1…1 as 8 bits.
  private static func image(
    of values: UnsafeBufferPointer<Float>, place: Int, layout: PixelLayout
  ) -> Image {
    var image = Image(layout: layout)
    let (area, channels) = (layout.width * layout.height, layout.channels)
    image.withUnsafeMutableBytes { bytes in
      for channel in 0..<channels {
        let plane = (place * channels + channel) * area
        for pixel in 0..<area {
          let value = ((values[plane + pixel] + 1) * 127.5).rounded()
          // A NaN becomes 0, too.
          bytes[pixel * channels + channel] = value > 0 ? UInt8(min(value, 255)) : 0
        }
      }
    }
    return image
  }
}
