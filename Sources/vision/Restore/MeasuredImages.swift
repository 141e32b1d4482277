import Datasets

/// The images that a restorer is measured on.
enum MeasuredImages {
  /// The images of a folder, whose oddities are told, and whether some of it could not be read.
  static func inFolder(_ folder: String) throws(RunError) -> (images: Dataset, hasFailures: Bool) {
    let (images, warnings): (Dataset, [DatasetWarning])
    do throws(DatasetError) {
      (images, warnings) = try DatasetSplits.unlabeled(path: folder)
    } catch { throw RunError(error) }
    Console.warn(warnings)
    return (images, warnings.contains(where: \.isFailure))
  }

  /// Refuses a folder of which nothing was measured.
  static func require(_ wasMeasured: Bool, in folder: String) throws(RunError) {
    guard wasMeasured else {
      throw .aborted("\(folder): no images that can be measured on")
    }
  }
}
