import Images

/// ``CLAHE`` on samples of 16 bits and floats.
final class CLAHEWide: RowWorker {
  private let step: CLAHEStep
  private let curves: CLAHECurves
  /// For every segment and every sample the results of its four tiles side by side.
  private let quads: Scratch<SIMD4<Float>>
  /// The rows of tiles that `quads` is of.
  private var quadBands = (-1, -1)
  /// For each column its segment and the weights of both its tiles.
  private let columns: [(segment: Int, weights: SIMD4<Float>)]
  private let segments: [CLAHESegment]
  private let levels: Int

  init(_ step: CLAHEStep) {
    self.step = step
    curves = CLAHECurves(step)
    levels = curves.levels
    let (segments, weights) = step.segments()
    self.segments = segments
    columns = segments.indices.flatMap { index in
      segments[index].columns.map { x in
        (index, SIMD4(1 - weights[x], weights[x], 1 - weights[x], weights[x]))
      }
    }
    quads = Scratch(segments.count * levels, filledWith: SIMD4())
  }

  func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
    for row in rows {
      let (above, below, weight) = step.bands(of: row)
      prepare(above, below, from: input)
      let place = output + (row - rows.lowerBound) * step.output.bytesPerRow
      compute(row, weight, from: input, into: place)
    }
  }

  private func compute(
    _ row: Int, _ weight: Float, from input: InputRows, into place: UnsafeMutableRawPointer
  ) {
    let vertical = SIMD2<Float>(1 - weight, weight)
    let levels = levels
    let layout = step.input
    columns.withUnsafeBufferPointer { columns in
      // The result of a sample in a column: along the row first, as OpenCV adds up.
      func curve(_ x: Int, _ sample: Int) -> Float {
        let (segment, weights) = columns[x]
        let products = quads.start[segment &* levels &+ sample] * weights
        let sums = (products.evenHalf + products.oddHalf) * vertical
        return sums[0] + sums[1]
      }
      switch layout.sample {
      case .uint8, .uint16:
        let result = { (x: Int, sample: UInt16) in
          UInt16(min(max(curve(x, Int(sample)).rounded(.toNearestOrEven), 0), 65_535))
        }
        map(layout, input[row], place, as: UInt16.self, luma, result)
      case .float32:
        let from = input.samples(row, as: Float.self)
        let to = place.assumingMemoryBound(to: Float.self)
        for x in 0..<layout.width {
          let (pixel, result) = (from + x * layout.channels, to + x * layout.channels)
          let luma =
            layout.colorChannels == 3
            ? pixel[0] * 0.299 + pixel[1] * 0.587 + pixel[2] * 0.114 : pixel[0]
          let change = curve(x, place16(luma)) / 65_535 - luma
          for color in 0..<layout.colorChannels { result[color] = pixel[color] + change }
          if layout.hasAlpha { result[layout.channels - 1] = pixel[layout.channels - 1] }
        }
      }
    }
  }

  @inline(__always)
  private func map<Sample: FixedWidthInteger & UnsignedInteger>(
    _ layout: PixelLayout, _ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer,
    as type: Sample.Type, _ luma: (Sample, Sample, Sample) -> Sample,
    _ result: (Int, Sample) -> Sample
  ) {
    if layout.channels == 1 {
      let (from, to) = (from.assumingMemoryBound(to: type), to.assumingMemoryBound(to: type))
      for x in 0..<layout.width { to[x] = result(x, from[x]) }
    } else if layout.channels == 2 {
      let (from, to) = (from.assumingMemoryBound(to: type), to.assumingMemoryBound(to: type))
      for x in 0..<layout.width {
        to[2 &* x] = result(x, from[2 &* x])
        to[2 &* x &+ 1] = from[2 &* x &+ 1]
      }
    } else {
      var x = -1
      mapLuma(from, to, layout, as: type, luma) { sample in
        x &+= 1
        return Int32(truncatingIfNeeded: result(x, sample))
      }
    }
  }

  /// Makes the quads of two rows of tiles.
  private func prepare(_ above: Int, _ below: Int, from input: InputRows) {
    guard quadBands != (above, below) else { return }
    quadBands = (above, below)
    let (upper, lower) = curves.curves(above, below, from: input)
    for (index, segment) in segments.enumerated() {
      let (left, right) = (segment.left * levels, segment.right * levels)
      for sample in 0..<levels {
        quads.start[index * levels + sample] = SIMD4(
          upper[left + sample], upper[right + sample], lower[left + sample], lower[right + sample])
      }
    }
  }
}

/// A float sample's place in a table of 65,536.
private func place16(_ sample: Float) -> Int {
  Int(min(max(sample * 65_535, 0), 65_535).rounded(.toNearestOrEven))
}
