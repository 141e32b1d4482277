/// A kernel found from a picture before and after an unknown filter.
public struct LearnedKernel: Sendable {
  /// Weights and bias (in units of the picture's samples).
  public let kernel: Kernel
  /// Root of the mean squared difference between the picture after and what the kernel makes of the
  /// one before, in units of its samples.
  public let error: Double
  /// Gradient steps that were taken.
  public let steps: Int
}
