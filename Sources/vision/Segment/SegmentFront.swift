import Datasets
import Files
import Images
import Inference
import Segmentation
import Synchronization

/// Images through a segmenter: masks, and what else is wanted of them.
final class SegmentFront: ImageFront {
  /// Where overlays go.
  enum Overlay: Sendable {
    /// To files beside the masks.
    case beside
    /// Where masks would go.
    case instead
  }

  private struct State {
    /// Of the image at hand.
    var overlay: Image?
    var areas: [Int] = []
    var size = (width: 0, height: 0)
    /// Of all images, where they are told together.
    var measured: [ImageAreas] = []
    var hasHeader = false
  }

  static let label = "mask"
  let verb = "segmented"
  private let segmenter: Segmenter
  private let overlay: Overlay?
  private let areas: AreaFormat?
  private let progress: TileProgress
  private let state = Mutex(State())

  init(
    _ segmenter: Segmenter, overlay: Overlay?, areas: AreaFormat?, progress: TileProgress
  ) {
    self.segmenter = segmenter
    self.overlay = overlay
    self.areas = areas
    self.progress = progress
  }

  /// The areas of all images, for a format that tells them together.
  var measured: [ImageAreas] { state.withLock { $0.measured } }

  func source(
    over decoded: any RowSource, of reader: ImageReader, limits: Limits, threads: Int
  ) throws -> any RowSource {
    try limits.checkMemory(
      decoded.layout.byteCount.multipliedReportingOverflow(by: 2).partialValue,
      for: "an image of this size and its mask in memory")
    progress.announce("")
    let image = try Image(reading: decoded)
    let map = try segmenter.classMap(of: image, threads: threads) {
      [progress] done, total throws(InferenceError) in try progress.show(done: done, of: total)
    }
    let overlaid = overlay.map { _ in segmenter.classes.overlay(map, over: image) }
    let counts = areas.map { _ in segmenter.areas(of: map) }
    state.withLock { state in
      state.overlay = overlaid
      state.areas = counts ?? []
      state.size = (map.width, map.height)
    }
    if let overlaid, overlay == .instead { return ImageRows(overlaid) }
    var mask = segmenter.mask(of: map)
    mask.metadata.resolution = image.metadata.resolution
    mask.metadata.pixelAspect = image.metadata.pixelAspect
    return ImageRows(mask)
  }

  /// `photo.overlay.jpg` beside `photo.mask.png`.
  func companion(of output: FilePath) -> FilePath? {
    guard overlay == .beside else { return nil }
    var path = output
    let ending = Array(".\(Self.label)".utf8)
    if let (stem, _) = output.splitName, stem.count > ending.count, stem.ends(with: ending) {
      path = output.replacingName(with: stem.dropLast(ending.count) + Array(".jpg".utf8))
    }
    return ImageFormat.jpeg.renaming(path, inserting: "overlay")
  }

  func writeCompanion(to path: FilePath) throws {
    guard let image = state.withLock({ $0.overlay }) else { return }
    try writeImage(image, to: path)
  }

  func line(for input: FilePath, output: FilePath?) -> String? {
    guard let areas, let output else { return output?.description }
    return state.withLock { state in
      let result = ImageAreas(
        path: input, output: output, width: state.size.width, height: state.size.height,
        classes: segmenter.classes, pixels: state.areas)
      defer { state.hasHeader = true }
      switch areas {
      case .table: return result.table
      case .csv: return (state.hasHeader ? "" : ImageAreas.csvHeader + "\n") + result.csv
      case .json:
        state.measured.append(result)
        return nil
      }
    }
  }

  func finish() {
    progress.clear()
    state.withLock { $0.overlay = nil }
  }
}

extension [UInt8] {
  fileprivate func ends(with other: [UInt8]) -> Bool { suffix(other.count).elementsEqual(other) }
}
