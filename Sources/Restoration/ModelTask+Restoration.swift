import ModelFiles

extension ModelTask {
  /// Larger images from small ones.
  public static let upscaling = ModelTask(rawValue: "upscaling")
  /// Clean images from noisy ones.
  public static let denoising = ModelTask(rawValue: "denoising")
}
