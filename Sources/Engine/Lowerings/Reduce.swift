import Graphs
import Tensors

extension Reduce: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let (x, y) = (instruction.inputs[0], instruction.outputs[0])
    let shape = lowering.shape(x)
    let layout = servedLayout(try lowering.form(of: x).layout, shape)
    let space = IterationSpace(shape, layout)
    let reduced = reducedExtents(layout, shape)
    let plan = Reduction(kind, space.extents, reduced, elements: shape.count)
    let input = try lowering.operand(x, in: Form(layout: layout, element: .float32))
    let output = try lowering.define(y, .plain)
    let (threads, loops) = (lowering.threads, lowering.loops)
    lowering.emit(name, reads: [input], writes: [output]) { addresses in
      let (source, target) = (addresses.floats(input), addresses.floats(output))
      let used = shape.count < 32_768 ? 1 : threads
      if plan.isTotal { return plan.total(source, target, loops: loops, threads: used) }
      return ParallelStep(threads: used) { part, parts in
        plan.run(source, target, loops: loops, part: part, parts: parts)
      }
    }
  }

  /// Blocked images are reduced as they lie where the result then lies in plain order.
  private func servedLayout(_ layout: Layout, _ shape: Shape) -> Layout {
    guard axes.contains(2), axes.contains(3) else { return .plain }
    if layout == .channelsLast { return layout }
    guard case .channelBlocked(let block) = layout else { return .plain }
    let isFull = shape[1] % block == 0
    let ignoresZeros = axes.contains(1) && (kind == .sum || kind == .mean)
    return isFull || ignoresZeros ? layout : .plain
  }

  /// For each extent in memory order, whether it is reduced.
  private func reducedExtents(_ layout: Layout, _ shape: Shape) -> [Bool] {
    let axes = shape.dimensions.indices.map { self.axes.contains($0) }
    switch layout {
    case .channelBlocked: return [axes[0], axes[1], axes[2], axes[3], axes[1]]
    case .channelsLast: return [axes[0], axes[2], axes[3], axes[1]]
    default: return axes
    }
  }
}
