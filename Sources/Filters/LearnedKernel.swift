/// A kernel found from an image before and after an unknown filter.
public struct LearnedKernel: Sendable {
  /// Weights and bias (in units of the image's samples).
  public let kernel: Kernel
  /// Root of the mean squared difference between the image after and what the kernel makes of the
  /// one before, in units of its samples.
  public let error: Double
  /// Gradient steps that were taken.
  public let steps: Int
}
