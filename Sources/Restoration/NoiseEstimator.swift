import Engine
import Glibc
import Images
import Inference
import ModelFiles
import Models
import Networks
import Tensors

/// The level of the noise in an image, without knowing the image: what a trained network says of some of its
/// parts, those that it is sure of more than others.
public final class NoiseEstimator: Sendable {
  private let runners: RunnerPool
  private let side: Int

  /// Parts that are looked at in each color, along a side of the image.
  private static let mostParts = 12
  /// Less than this is the grain of a clean image: 42 of 44 photographs of two sets have less, and all of them
  /// with noise of 5 have more.
  private static let cleanSigma = 3.0

  /// Reads a model file that ``NoiseEstimatorTask`` wrote.
  ///
  /// - Throws: ``InferenceError/file(path:problem:)`` where it is damaged or of another kind.
  public convenience init(
    path: String, options: PlanOptions = PlanOptions()
  ) throws(InferenceError) {
    let model = try LoadedModel(path: path)
    try model.require(restoring: .noiseEstimation)
    let shape = model.network.inputShape
    guard shape.rank == 3, shape[0] == shape[1], shape[2] == 1 else {
      throw .file(path: path, problem: "takes \(shape), not square parts of gray images")
    }
    self.init(model.network, weights: try model.numbers(), options: options)
    guard try runners.outputShape(width: side, height: side).count == 2 else {
      throw .file(path: path, problem: "makes other numbers than a level and its uncertainty")
    }
  }

  /// - Parameters:
  ///   - network: as ``Models/noiseEstimator(size:channels:)`` makes it.
  ///   - weights: the values of all that it declares.
  init(_ network: Network, weights: TensorTable, options: PlanOptions = PlanOptions()) {
    side = network.inputShape[0]
    runners = RunnerPool(network, weights: weights, options: options)
  }

  /// The standard deviation of the noise in levels of 255; 0 for a clean image, and for one that is too small
  /// to tell.
  ///
  /// - Parameter image: 8 bits or 16; alpha is not looked at.
  public func sigma(of image: Image) throws(InferenceError) -> Double {
    guard min(image.width, image.height) >= side else { return 0 }
    let runner = try runners.take(width: side, height: side)
    defer { runners.giveBack(runner, width: side, height: side) }
    var (sum, weights) = (0.0, 0.0)
    for channel in 0..<image.layout.colorChannels {
      for y in places(image.height) {
        for x in places(image.width) {
          let estimate = try runner.runBatch {
            image.write(x: x, y: y, side: side, channel: channel, to: $0)
          } _: { _, output in
            NoiseLevel.Estimate(output)
          }
          sum += estimate.weight * estimate.level
          weights += estimate.weight
        }
      }
    }
    let sigma = NoiseLevel.sigma(ofLevel: sum / weights)
    return sigma < Self.cleanSigma ? 0 : sigma
  }

  /// Where parts begin: at equal distances from edge to edge.
  private func places(_ extent: Int) -> [Int] {
    let room = extent - side
    let count = min(Self.mostParts, (extent + side - 1) / side)
    return (0..<count).map { count == 1 ? room / 2 : $0 * room / (count - 1) }
  }
}

/// How a network says a noise's standard deviation: as log(1 + σ/2), so that errors count relative to the level
/// where there is much noise, and absolutely where there is little.
enum NoiseLevel {
  static func level(ofSigma sigma: Double) -> Double { log1p(sigma / 2) }
  static func sigma(ofLevel level: Double) -> Double { max(0, 2 * expm1(level)) }

  /// What a network says of a part.
  struct Estimate {
    let level: Double
    /// The inverse of the squared error that the network expects.
    let weight: Double

    /// - Parameter output: the level, and the logarithm of its expected error.
    init(_ output: UnsafeBufferPointer<Float>) {
      level = Double(output[0])
      weight = exp(-2 * Double(min(max(output[1], -8), 8)))
    }
  }
}

extension Image {
  /// Writes a square part of a channel as samples 0…1.
  ///
  /// - Precondition: the image holds the part.
  fileprivate func write(
    x: Int, y: Int, side: Int, channel: Int, to values: UnsafeMutableBufferPointer<Float>
  ) {
    let layout = layout
    withUnsafeBytes { bytes in
      for row in 0..<side {
        for column in 0..<side {
          let place = ((y + row) * layout.width + x + column) * layout.channels + channel
          values[row * side + column] =
            layout.sample == .uint8
            ? Float(bytes[place]) / 255
            : Float(bytes.loadUnaligned(fromByteOffset: 2 * place, as: UInt16.self)) / 65_535
        }
      }
    }
  }
}
