import Figures
import Files
import Images
import Inference
import Restoration

/// Images through upscalers, before what is left is resized.
final class UpscaleFront: ImageFront {
  enum Target: Sendable {
    case factor(Double)
    /// `W`, `Wx`, `xH` or `WxH`.
    case size(String)
  }

  let verb = "upscaled"
  private let ladder: UpscalerLadder
  private let target: Target
  /// 0…3; nil for what files say.
  private let clean: Int?
  private let progress: TileProgress

  init(ladder: UpscalerLadder, target: Target, clean: Int?, progress: TileProgress) {
    self.ladder = ladder
    self.target = target
    self.clean = clean
    self.progress = progress
  }

  func source(
    over decoded: any RowSource, of reader: ImageReader, limits: Limits, threads: Int
  ) throws -> any RowSource {
    let layout = decoded.layout
    let factor = try factor(for: layout)
    let steps = ladder.steps(for: factor)
    let upscalers = steps.map { layout.sample == .uint8 ? $0.upscaler : $0.exact }
    var result = layout
    for upscaler in upscalers {
      (result.width, result.height) = (
        result.width * upscaler.scale, result.height * upscaler.scale
      )
      try limits.checkSize(width: result.width, height: result.height)
    }
    try announce(upscalers, from: layout, to: result, threads: threads)
    var source = decoded
    for (index, upscaler) in upscalers.enumerated() {
      // The last one has the most tiles; those before it are asked for rows by it.
      let isLast = index == upscalers.count - 1
      source = try upscaler.source(
        over: source, quality: index == 0 ? quality(of: reader) : nil, threads: threads
      ) { [progress] done, total throws(InferenceError) in
        if isLast { try progress.show(done: done, of: total) }
      }
    }
    return source
  }

  func finish() { progress.clear() }

  /// By how much at least the networks must enlarge.
  private func factor(for layout: PixelLayout) throws(ImageError) -> Double {
    switch target {
    case .factor(let factor): return factor
    case .size(let text):
      let parts = text.split(separator: "x", omittingEmptySubsequences: false).map { Double($0) }
      let factors = [
        parts.first.flatMap { $0 }.map { $0 / Double(layout.width) },
        (parts.count > 1 ? parts[1] : nil).map { $0 / Double(layout.height) },
      ].compactMap { $0 }
      guard let factor = factors.min(), factor > 1 else {
        throw .invalidRequest(
          "is not smaller than \(text), having \(layout.width) × \(layout.height) pixels; "
            + "make it smaller with 'vision filter --resize'")
      }
      guard factor <= 8 else {
        throw .invalidRequest("cannot be enlarged to \(text), more than 8 times its size")
      }
      return factor
    }
  }

  /// The JPEG quality that the network is told; nil for a clean image.
  private func quality(of reader: ImageReader) -> Int? {
    switch clean {
    case 0: nil
    case 1: 90
    case 2: 70
    case 3: 45
    default: reader.info.jpeg?.quality
    }
  }

  /// Says on a terminal how large the result gets and what it takes.
  private func announce(
    _ upscalers: [Upscaler], from layout: PixelLayout, to result: PixelLayout, threads: Int
  ) throws {
    guard progress.isShown else { return }
    var (seconds, bytes, layout) = (0.0, 0, layout)
    for upscaler in upscalers {
      let cost = try upscaler.cost(of: layout, threads: threads)
      seconds += cost.seconds
      bytes += cost.bytes
      layout.width *= upscaler.scale
      layout.height *= upscaler.scale
    }
    progress.announce(
      "\(result.width) × \(result.height) pixels, about \(durationText(seconds: seconds)), "
        + "\((bytes >> 20) + 1) MiB")
  }
}
