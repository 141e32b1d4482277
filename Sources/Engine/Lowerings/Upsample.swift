import Graphs
import Tensors

extension Upsample: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let (x, y) = (instruction.inputs[0], instruction.outputs[0])
    let images = SpatialView(try lowering.form(of: x).layout, lowering.shape(x))
    let taps = Taps(self, images)
    let form = Form(layout: images.layout, element: .float32)
    let input = try lowering.operand(x, in: form)
    let output = try lowering.define(y, form)
    let threads = lowering.threads
    lowering.emit(name, reads: [input], writes: [output]) { addresses in
      let (source, target) = (addresses.floats(input), addresses.floats(output))
      return ParallelStep(threads: threads) { part, parts in
        for image in share(images.count, part: part, parts: parts) {
          taps.enlarge(
            source + image * images.size, target + image * taps.size, images)
        }
      }
    }
  }
}

extension UpsampleGradient: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let (dy, dx) = (instruction.inputs[0], instruction.outputs[0])
    let images = SpatialView(try lowering.form(of: dy).layout, lowering.shape(dx))
    let taps = Taps(upsample, images)
    let form = Form(layout: images.layout, element: .float32)
    let input = try lowering.operand(dy, in: form)
    let output = try lowering.define(dx, form)
    let threads = lowering.threads
    lowering.emit(name, reads: [input], writes: [output]) { addresses in
      let (source, target) = (addresses.floats(input), addresses.floats(output))
      return ParallelStep(threads: threads) { part, parts in
        for image in share(images.count, part: part, parts: parts) {
          taps.gather(
            source + image * taps.size, target + image * images.size, images)
        }
      }
    }
  }
}

/// For each row and column of an enlarged image, the two of the small one that it mixes.
private struct Taps {
  struct Tap {
    let low: Int
    let high: Int
    /// The share of `high`.
    let weight: Float
  }

  private let rows: [Tap]
  private let columns: [Tap]
  let size: Int

  init(_ upsample: Upsample, _ images: SpatialView) {
    rows = Self.taps(images.height, upsample.factor.height, upsample.mode)
    columns = Self.taps(images.width, upsample.factor.width, upsample.mode)
    size = rows.count * columns.count * images.lanes
  }

  private static func taps(_ extent: Int, _ factor: Int, _ mode: Upsample.Mode) -> [Tap] {
    (0..<extent * factor).map { index in
      if mode == .nearest { return Tap(low: index / factor, high: index / factor, weight: 0) }
      let position = (Float(index) + 0.5) / Float(factor) - 0.5
      let low = position.rounded(.down)
      return Tap(
        low: min(max(Int(low), 0), extent - 1), high: min(max(Int(low) + 1, 0), extent - 1),
        weight: position - low)
    }
  }

  // Taps lie within the small image, whose plane `images` measures.

  func enlarge(
    _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, _ images: SpatialView
  ) {
    var y = target
    for row in rows {
      let (top, bottom) = (
        source + row.low * images.width * images.lanes,
        source + row.high * images.width * images.lanes
      )
      for column in columns {
        let (left, right) = (column.low * images.lanes, column.high * images.lanes)
        for lane in 0..<images.lanes {
          let above = top[left + lane] + column.weight * (top[right + lane] - top[left + lane])
          let below =
            bottom[left + lane] + column.weight * (bottom[right + lane] - bottom[left + lane])
          y[lane] = above + row.weight * (below - above)
        }
        y += images.lanes
      }
    }
  }

  func gather(
    _ upstream: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>, _ images: SpatialView
  ) {
    result.update(repeating: 0, count: images.size)
    var dy = upstream
    for row in rows {
      let (top, bottom) = (
        result + row.low * images.width * images.lanes,
        result + row.high * images.width * images.lanes
      )
      for column in columns {
        let (left, right) = (column.low * images.lanes, column.high * images.lanes)
        for lane in 0..<images.lanes {
          let (above, below) = (dy[lane] * (1 - row.weight), dy[lane] * row.weight)
          top[left + lane] += above * (1 - column.weight)
          top[right + lane] += above * column.weight
          bottom[left + lane] += below * (1 - column.weight)
          bottom[right + lane] += below * column.weight
        }
        dy += images.lanes
      }
    }
  }
}
