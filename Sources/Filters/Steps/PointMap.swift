import Images
import LoopInterface

/// A point operation on integer samples by a table, on float samples by its formula. Alpha stays.
struct PointMap: StepMaker {
  /// The result for a sample, in units of samples; the second argument is the sample of white. What
  /// comes out is rounded half to even and clamped; float results are not.
  let function: @Sendable (_ sample: Double, _ white: Double) -> Double
  /// What tells it from another of its kind, parameters included.
  let identity: String

  init(_ identity: String, _ function: @escaping @Sendable (Double, Double) -> Double) {
    self.identity = identity
    self.function = function
  }

  static func == (left: PointMap, right: PointMap) -> Bool { left.identity == right.identity }

  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    let function = function
    switch layout.sample {
    case .uint8:
      let table = SampleTable<UInt8> { function($0, 255) }
      return RowMap(layout) { { table.map($0, $1, layout) } }
    case .uint16:
      let table = SampleTable<UInt16> { function($0, 65_535) }
      return RowMap(layout) { { table.map($0, $1, layout) } }
    case .float32:
      return RowMap(layout) {
        {
          mapColors($0, $1, layout, as: Float.self) { Float(function(Double($0), 1)) }
        }
      }
    }
  }
}

/// The result for every sample of a type.
struct SampleTable<Sample>: Sendable
where Sample: FixedWidthInteger & UnsignedInteger & BitwiseCopyable & Sendable {
  let results: [Sample]

  init(_ function: (Double) -> Double) {
    results = (0...Int(Sample.max)).map {
      Sample(min(max(function(Double($0)).rounded(.toNearestOrEven), 0), Double(Sample.max)))
    }
  }

  /// Maps a row's colors.
  func map(_ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, _ layout: PixelLayout) {
    results.withUnsafeBufferPointer { results in
      // The table has a place for every sample.
      mapColors(from, to, layout, as: Sample.self) { results[Int($0)] }
    }
  }
}

/// Maps the color samples of a row, alpha as it is.
///
/// Plain pointers, since it runs over every sample: both rows have the layout's samples.
@inline(__always)
func mapColors<Sample: BitwiseCopyable>(
  _ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, _ layout: PixelLayout,
  as type: Sample.Type, _ function: (Sample) -> Sample
) {
  let samples = from.assumingMemoryBound(to: type)
  let results = to.assumingMemoryBound(to: type)
  switch layout.channels {
  case 2:
    for x in 0..<layout.width {
      results[2 &* x] = function(samples[2 &* x])
      results[2 &* x &+ 1] = samples[2 &* x &+ 1]
    }
  case 4:
    for x in 0..<layout.width {
      let (pixel, result) = (samples + 4 &* x, results + 4 &* x)
      for channel in 0..<3 { result[channel] = function(pixel[channel]) }
      result[3] = pixel[3]
    }
  default:
    for index in 0..<layout.samplesPerRow { results[index] = function(samples[index]) }
  }
}
