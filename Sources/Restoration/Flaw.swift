/// What makes an image worse than it was, and how much.
public enum Flaw: Sendable, Hashable {
  /// White noise of a standard deviation in levels of 255, 0…75.
  case noise(sigma: Double)
  /// What JPEG's compression leaves, of one of libjpeg's qualities, 1…100.
  case compression(quality: Int)

  public enum Kind: Sendable, Hashable {
    case noise, compression

    /// What its networks are for.
    var restoration: Restoration.Kind {
      switch self {
      case .noise: .denoising
      case .compression: .deblocking
      }
    }
  }

  public static let sigmas = 0.0...Double(DenoisingPatches.largestSigma)
  public static let qualities = 1...100

  public var kind: Kind {
    switch self {
    case .noise: .noise
    case .compression: .compression
    }
  }

  /// What a network is told.
  var level: Float {
    switch self {
    case .noise(let sigma): Float(sigma) / 255
    case .compression(let quality): Cleanness.ofJPEG(quality: quality)
    }
  }
}
