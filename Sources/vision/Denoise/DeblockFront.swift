import Files
import Images
import Restoration

/// Images through a network that removes what JPEG's compression left.
final class DeblockFront: ImageFront {
  let verb = "deblocked"
  private let deblockers: ByColors<Deblocker>
  /// The same in fp32, for images of more than 8 bits.
  private let exact: ByColors<Deblocker>
  /// nil for what files say.
  private let quality: Int?
  private let strength: Double
  private let progress: TileProgress

  init(
    _ deblockers: ByColors<Deblocker>, exact: ByColors<Deblocker>, quality: Int?,
    strength: Double, progress: TileProgress
  ) {
    self.deblockers = deblockers
    self.exact = exact
    self.quality = quality
    self.strength = strength
    self.progress = progress
  }

  func source(
    over decoded: any RowSource, of reader: ImageReader, limits: Limits, threads: Int
  ) throws -> any RowSource {
    let deblocker = try (decoded.layout.sample == .uint8 ? deblockers : exact)
      .restorer(for: decoded.layout)
    guard let quality = quality ?? reader.info.jpeg?.quality else {
      throw ImageError.invalidRequest(
        "is no JPEG, so nothing says how it was compressed; give --jpeg-quality")
    }
    if strength == 0 { return decoded }
    progress.announce("JPEG of quality \(quality)")
    return try deblocker.source(
      over: decoded, quality: quality, strength: strength, threads: threads
    ) { [progress] in progress.show(done: $0, of: $1) }
  }

  func finish() { progress.clear() }
}
