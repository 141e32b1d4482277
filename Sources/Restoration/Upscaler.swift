import Engine
import Images
import Inference

/// A trained upscaler: larger images of any size, by rows.
public struct Upscaler: Sendable {
  /// By how much height and width grow.
  public let scale: Int
  /// What the model is called.
  public let name: String
  public let network: TiledNetwork

  /// Reads a model file that ``RestorationTask`` wrote.
  ///
  /// - Parameter options: the precision. Images of 16 bits want `fp32`.
  /// - Throws: ``InferenceError/file(path:problem:)`` where it is damaged or of another kind.
  public init(path: String, options: PlanOptions = PlanOptions()) throws(InferenceError) {
    let model = try LoadedModel(path: path)
    try model.require(restoring: .upscaling)
    scale = try model.number(RestorationTask.scaleKey, in: 2...4)
    name = model.card.name
    network = try model.tiled(
      scale: scale, reach: model.number(RestorationTask.reachKey, in: 0...256), options: options)
    guard network.inputChannels == 4, network.outputChannels == 3 else {
      throw .file(path: path, problem: "takes or makes other channels than an upscaler")
    }
  }

  /// The upscaled rows of an image.
  ///
  /// - Parameters:
  ///   - upstream: the image; nobody else may read it from now on.
  ///   - quality: that of the JPEG that the image was, 1…100; nil for one that was never compressed.
  ///   - threads: how many tiles are computed at a time. The result does not depend on it.
  ///   - progress: is told of the tiles that are done, and of how many there are; see ``TiledSource``.
  public func source(
    over upstream: any RowSource, quality: Int? = nil, threads: Int = 1,
    progress: @escaping @Sendable (Int, Int) throws(InferenceError) -> Void = { _, _ in }
  ) throws(ImageError) -> TiledSource {
    try TiledSource(
      filter(quality: quality), through: network, over: upstream, threads: threads,
      progress: progress)
  }

  /// The image, larger.
  public func upscaled(
    _ image: Image, quality: Int? = nil, threads: Int = 1
  ) throws(ImageError) -> Image {
    try Image(reading: source(over: ImageRows(image), quality: quality, threads: threads))
  }

  func filter(quality: Int?) -> UpscalingFilter {
    UpscalingFilter(
      scale: scale, cleanness: quality.map(Cleanness.ofJPEG) ?? Cleanness.clean)
  }

  /// What upscaling an image takes, measured on one tile: seconds and bytes beside those of the program.
  public func cost(
    of layout: PixelLayout, threads: Int
  ) throws(InferenceError) -> (seconds: Double, bytes: Int) {
    let tile = try network.cost(side: network.side(width: layout.width, height: layout.height))
    let count = network.tileCount(width: layout.width, height: layout.height)
    let filter = filter(quality: nil)
    let passes = filter.passes(of: layout)
    let used = max(1, min(threads, count))
    let memory = TiledSource.memory(of: filter, through: network, layout)
    return (
      tile.seconds * Double(count * passes) / Double(used),
      memory.input + memory.band + used * tile.bytes
    )
  }
}

/// Luma and chroma go through the network together; alpha goes through it on its own, as luma.
struct UpscalingFilter: TileFilter {
  let scale: Int
  let cleanness: Float

  func output(of input: PixelLayout) -> PixelLayout {
    var layout = input
    layout.width = input.width.multipliedReportingOverflow(by: scale).partialValue
    layout.height = input.height.multipliedReportingOverflow(by: scale).partialValue
    return layout
  }

  /// As many pixels an inch more.
  func metadata(_ metadata: Metadata) -> Metadata {
    var metadata = metadata
    if let resolution = metadata.resolution {
      metadata.resolution = Resolution(
        horizontal: resolution.horizontal * Double(scale),
        vertical: resolution.vertical * Double(scale))
    }
    return metadata
  }

  func passes(of input: PixelLayout) -> Int { input.hasAlpha ? 2 : 1 }

  func fill(
    _ planes: UnsafeMutableBufferPointer<Float>, from tile: TileInput, pass: Int
  ) -> Bool {
    guard let start = planes.baseAddress else { return false }
    let side = tile.side
    let area = side * side
    let colors = tile.layout.colorChannels
    let isAlpha = pass == 1
    // The planes hold 4 × side × side numbers.
    for row in 0..<side {
      let y = start + row * side
      if colors == 3, !isAlpha {
        let (cb, cr) = (y + area, y + 2 * area)
        tile.read(row: row, channel: 0, into: y)
        tile.read(row: row, channel: 1, into: cb)
        tile.read(row: row, channel: 2, into: cr)
        for x in 0..<side {
          let color = LumaChroma.from(red: y[x], green: cb[x], blue: cr[x])
          (y[x], cb[x], cr[x]) = (color.y, color.cb, color.cr)
        }
      } else {
        tile.read(row: row, channel: isAlpha ? colors : 0, into: y)
      }
    }
    if isAlpha, isConstant(start, count: area) { return false }
    if colors == 1 || isAlpha { (start + area).update(repeating: 0, count: 2 * area) }
    // Alpha was not compressed.
    (start + 3 * area).update(repeating: isAlpha ? Cleanness.clean : cleanness, count: area)
    return true
  }

  private func isConstant(_ values: UnsafePointer<Float>, count: Int) -> Bool {
    for index in 1..<count where values[index] != values[0] { return false }
    return true
  }

  /// Where alpha is the same all over, so it is in the result.
  func skip(_ pass: Int, from tile: TileInput, to result: TileOutput) {
    var line = [Float](repeating: 0, count: max(tile.side, result.width))
    line.withUnsafeMutableBufferPointer { line in
      guard let start = line.baseAddress else { return }
      tile.read(row: 0, channel: result.layout.colorChannels, into: start)
      line.update(repeating: start[0])
      for row in 0..<result.height {
        result.write(row: row, channel: result.layout.colorChannels, from: start)
      }
    }
  }

  func take(
    _ planes: UnsafeBufferPointer<Float>, from tile: TileInput, to result: TileOutput, pass: Int
  ) {
    guard let start = planes.baseAddress else { return }
    let area = result.side * result.side
    let colors = result.layout.colorChannels
    var line = [Float](repeating: 0, count: 3 * result.width)
    line.withUnsafeMutableBufferPointer { line in
      guard let red = line.baseAddress else { return }
      let (green, blue) = (red + result.width, red + 2 * result.width)
      for row in 0..<result.height {
        // Rows of the inner part of each plane.
        let y = start + result.offset + row * result.side
        if pass == 1 {
          result.write(row: row, channel: colors, from: y)
        } else if colors == 1 {
          result.write(row: row, channel: 0, from: y)
        } else {
          let (cb, cr) = (y + area, y + 2 * area)
          for x in 0..<result.width {
            (red[x], green[x], blue[x]) = LumaChroma.toRGB(y: y[x], cb: cb[x], cr: cr[x])
          }
          result.write(row: row, channel: 0, from: red)
          result.write(row: row, channel: 1, from: green)
          result.write(row: row, channel: 2, from: blue)
        }
      }
    }
  }
}
