import ModelFiles

extension ModelTask {
  /// A class for each pixel of an image.
  public static let segmentation = ModelTask(rawValue: "segmentation")
}
