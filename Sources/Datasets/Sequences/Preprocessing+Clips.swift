import Images
import ModelFiles

extension Preprocessing {
  /// Sides of frames that are larger are reduced to this, where no size is asked for.
  private static let usualSide = 64
  /// So many clips tell mean and standard deviation, and whether there is color.
  private static let measuredClips = 64

  /// How frames are prepared that look like those of some clips: their size, or `size` × `size` pixels; mean
  /// and standard deviation of their samples.
  ///
  /// - Throws: where none of the first clips can be read.
  public init(of clips: LabeledExamples<Clip>, size: Int?) throws(DatasetError) {
    let step = max(clips.count / Self.measuredClips, 1)
    let chosen = stride(from: 0, to: clips.count, by: step).map { clips.elements[$0] }
    let frames = chosen.compactMap(\.files.first)
    guard let path = frames.first else {
      throw .invalidSplit("there are no clips to learn from")
    }
    let first: ImageInfo
    do throws(ImageError) { first = try ImageReader(path: path).info } catch {
      throw .corrupt(path: path, error.reason)
    }
    let hasColor = frames.contains { ((try? ImageReader(path: $0))?.layout.channels ?? 1) > 2 }
    let shorter = min(first.width, first.height)
    let scale = min(1, Double(Self.usualSide) / Double(max(shorter, 1)))
    func side(_ extent: Int) -> Int { size ?? max(1, Int((Double(extent) * scale).rounded())) }
    let channels = hasColor ? 3 : 1
    self.init(
      width: side(first.width), height: side(first.height), channels: channels,
      mean: Array(repeating: 0, count: channels), std: Array(repeating: 1, count: channels))
    let sequences = chosen.compactMap { try? $0.sequence(self) }
    let measured = SeriesPreprocessing(of: sequences)
    guard measured.channels == channels else { return }
    (mean, std) = (measured.mean, measured.std)
  }
}
