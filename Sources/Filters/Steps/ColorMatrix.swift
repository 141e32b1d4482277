import Images
import LoopInterface

/// New colors as sums of the old ones; a gray image is treated as one of three equal colors, and gets
/// colors only where the rows of the matrix differ. Alpha stays.
struct ColorMatrix: StepMaker {
  /// Three rows of three weights.
  let rows: [[Double]]

  init(_ rows: [[Double]]) { self.rows = rows }

  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    let sums = rows.map { $0.reduce(0, +) }
    let keepsGray = sums.allSatisfy { ($0 - sums[0]).magnitude < 1e-12 }
    var output = layout
    if layout.colorChannels == 1, !keepsGray { output.channels += 2 }
    let matrix = rows.map { SIMD3<Float>(Float($0[0]), Float($0[1]), Float($0[2])) }
    let gain = Float(sums[0])
    return RowMap(layout, output) { [output] in
      { from, to in
        switch layout.sample {
        case .uint8:
          apply(from, to, layout, output, matrix, gain, as: UInt8.self) {
            Float($0)
          } store: {
            UInt8(min(max($0.rounded(.toNearestOrEven), 0), 255))
          }
        case .uint16:
          apply(from, to, layout, output, matrix, gain, as: UInt16.self) {
            Float($0)
          } store: {
            UInt16(min(max($0.rounded(.toNearestOrEven), 0), 65_535))
          }
        case .float32:
          apply(from, to, layout, output, matrix, gain, as: Float.self) {
            $0
          } store: {
            $0
          }
        }
      }
    }
  }
}

@inline(__always)
private func apply<Sample: BitwiseCopyable>(
  _ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, _ input: PixelLayout,
  _ output: PixelLayout, _ matrix: [SIMD3<Float>], _ gain: Float, as type: Sample.Type,
  load: (Sample) -> Float, store: (Float) -> Sample
) {
  let (from, to) = (from.assumingMemoryBound(to: type), to.assumingMemoryBound(to: type))
  let (red, green, blue) = (matrix[0], matrix[1], matrix[2])
  for x in 0..<input.width {
    let (pixel, result) = (from + x &* input.channels, to + x &* output.channels)
    if output.colorChannels == 1 {
      result[0] = store(load(pixel[0]) * gain)
    } else {
      let isColor = input.colorChannels == 3
      let (r, g, b) = (
        load(pixel[0]), load(pixel[isColor ? 1 : 0]), load(pixel[isColor ? 2 : 0])
      )
      result[0] = store(red.x * r + red.y * g + red.z * b)
      result[1] = store(green.x * r + green.y * g + green.z * b)
      result[2] = store(blue.x * r + blue.y * g + blue.z * b)
    }
    if output.hasAlpha { result[output.channels &- 1] = pixel[input.channels &- 1] }
  }
}
