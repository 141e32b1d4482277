import Filters
import Images

/// What is done to an image before filters: by a network, with all threads on one image.
protocol ImageFront: Sendable {
  /// What the closing line says of the images: `upscaled`.
  var verb: String { get }
  /// The rows of the result.
  ///
  /// - Parameters:
  ///   - decoded: the rows of the image.
  ///   - reader: what its file says.
  ///   - limits: what the result must keep to.
  func source(
    over decoded: any RowSource, of reader: ImageReader, limits: Limits, threads: Int
  ) throws -> any RowSource
  /// What else is written beside a result; nil where that is all.
  func companion(of output: FilePath) -> FilePath?
  /// Writes it, when the result is.
  func writeCompanion(to path: FilePath) throws
  /// What is told on standard output of an image that is done; nil for nothing.
  func line(for input: FilePath, output: FilePath?) -> String?
  /// The image is done, or has failed.
  func finish()
}

extension ImageFront {
  func companion(of output: FilePath) -> FilePath? { nil }
  func writeCompanion(to path: FilePath) throws {}
  func line(for input: FilePath, output: FilePath?) -> String? { output?.description }
}
