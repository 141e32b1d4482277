import Images
import LoopInterface

/// An unsharp mask: what a blurred image lacks is added to the image.
struct Unsharp: StepMaker {
  let sigma: Double
  /// How many times the difference is added.
  let amount: Double
  /// Differences up to this one stay as they are.
  let above: Double

  var options: Set<FilterOptions.Option> { [.border, .alpha] }
  var premultiplying: Premultiplying? {
    Premultiplying(sample: .float32, reach: GaussianWeights(sigma: sigma).radius)
  }

  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    let blur = try Operation.gaussian(sigma: sigma).step(
      "unsharp", FilterOptions(border: options.border, alpha: .straight), for: layout, loops)
    let (amount, above, count) = (amount, above, layout.samplesPerRow)
    let sharpen = loops.pair.sharpenUInt8
    return BranchStep([blur], output: layout) { input, blurred, output in
      switch layout.sample {
      case .uint8:
        sharpen(
          input.assumingMemoryBound(to: UInt8.self),
          blurred[0].assumingMemoryBound(to: UInt8.self), Float(amount), Float(above), count,
          output.assumingMemoryBound(to: UInt8.self))
      case .uint16:
        combine(input, blurred[0], output, count, as: UInt16.self) { a, b in
          let difference = Double(a) - Double(b)
          let value = difference.magnitude > above ? Double(a) + amount * difference : Double(a)
          return UInt16(min(max(value.rounded(.toNearestOrEven), 0), 65_535))
        }
      case .float32:
        combine(input, blurred[0], output, count, as: Float.self) { a, b in
          (a - b).magnitude > Float(above) ? a + Float(amount) * (a - b) : a
        }
      }
      if layout.hasAlpha { copyLastChannel(layout, from: input, into: output) { $0 } }
    }
  }
}

/// Puts two rows of samples together.
@inline(__always)
func combine<Sample: BitwiseCopyable>(
  _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ output: UnsafeMutableRawPointer, _ count: Int,
  as type: Sample.Type, _ body: (Sample, Sample) -> Sample
) {
  let (a, b) = (a.assumingMemoryBound(to: type), b.assumingMemoryBound(to: type))
  let output = output.assumingMemoryBound(to: type)
  for x in 0..<count { output[x] = body(a[x], b[x]) }
}
