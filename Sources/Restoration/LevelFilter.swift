import Images
import Inference

/// Colors go through the network with a plane of their level, such as that of their noise; alpha does not.
struct LevelFilter: TileFilter {
  /// Those of the network: 1 or 3.
  let colors: Int
  let level: Float
  /// How much of what the network changes is taken, 0…1.
  let strength: Float
  let source: PixelLayout

  func output(of input: PixelLayout) -> PixelLayout { input }

  func fill(
    _ planes: UnsafeMutableBufferPointer<Float>, from tile: TileInput, pass: Int
  ) -> Bool {
    guard let start = planes.baseAddress else { return false }
    let side = tile.side
    let area = side * side
    // The planes hold (colors + 1) × side × side numbers.
    for color in 0..<colors {
      for row in 0..<side {
        tile.read(
          row: row, channel: min(color, tile.layout.colorChannels - 1),
          into: start + color * area + row * side)
      }
    }
    (start + colors * area).update(repeating: level, count: area)
    return true
  }

  func take(
    _ planes: UnsafeBufferPointer<Float>, from tile: TileInput, to result: TileOutput, pass: Int
  ) {
    guard let start = planes.baseAddress else { return }
    let area = result.side * result.side
    let own = result.layout.colorChannels
    var line = [Float](repeating: 0, count: tile.side)
    var mean = [Float](repeating: 0, count: result.width)
    line.withUnsafeMutableBufferPointer { line in
      guard let line = line.baseAddress else { return }
      for row in 0..<result.height {
        for channel in 0..<result.layout.channels {
          tile.read(row: tile.margin + row, channel: channel, into: line)
          let values = line + tile.margin
          if channel < own {
            // Rows of the inner part of each plane; a gray image takes the mean of three.
            let first = start + result.offset + row * result.side + channel * area
            for x in 0..<result.width {
              mean[x] = first[x]
              if own < colors { mean[x] = (first[x] + first[x + area] + first[x + 2 * area]) / 3 }
              values[x] += strength * (mean[x] - values[x])
            }
          }
          result.write(row: row, channel: channel, from: values)
        }
      }
    }
  }
}
