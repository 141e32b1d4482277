import Graphs
import Tensors

extension DepthToSpace: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let images = lowering.shape(instruction.outputs[0])
    try lowering.emitShuffle(name, instruction, images: images, factor: factor, enlarges: true)
  }
}

extension SpaceToDepth: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let images = lowering.shape(instruction.inputs[0])
    try lowering.emitShuffle(name, instruction, images: images, factor: factor, enlarges: false)
  }
}

extension Lowering {
  /// Moves pixels between images and the channels of smaller ones, in plain order.
  ///
  /// - Parameter images: the shape of the large images.
  fileprivate func emitShuffle(
    _ name: String, _ instruction: Program.Instruction, images: Shape, factor: Int, enlarges: Bool
  ) throws(EngineError) {
    let input = try plain(instruction.inputs[0])
    let output = try define(instruction.outputs[0], .plain)
    let threads = threads
    let (planes, height, width) = (images[0] * images[1], images[2], images[3])
    let (rows, columns) = (height / factor, width / factor)
    emit(name, reads: [input], writes: [output]) { addresses in
      let (source, target) = (addresses.floats(input), addresses.floats(output))
      return ParallelStep(threads: threads) { part, parts in
        // Row y of a large plane holds row y / factor of `factor` small planes: all of them lie within
        // both buffers, which have as many elements.
        for row in share(planes * height, part: part, parts: parts) {
          let (plane, y) = (row / height, row % height)
          let large = row * width
          for i in 0..<factor {
            let channel = (plane * factor + y % factor) * factor + i
            let small = (channel * rows + y / factor) * columns
            if enlarges {
              let (from, to) = (source + small, target + large + i)
              for x in 0..<columns { to[x &* factor] = from[x] }
            } else {
              let (from, to) = (source + large + i, target + small)
              for x in 0..<columns { to[x] = from[x &* factor] }
            }
          }
        }
      }
    }
  }
}
