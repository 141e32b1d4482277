import LoopInterface
import Loops
import Testing

/// The maps between planes, kernels and points of one block of channels, for every instruction set.
@Suite struct WinogradLoopTests {
  /// A block's convolution of padding 1 with all that its maps read and write.
  private struct Case {
    let loops: WinogradLoops
    let rows: Int
    let columns: Int

    var block: Int { loops.channelBlock }
    var points: Int { loops.points * loops.points }
    var phases: Int { loops.stride * loops.stride }
    var side: Int { loops.taps * loops.stride }
    var coarseRows: Int { (rows + 2 - side) / loops.stride + 1 }
    var coarseColumns: Int { (columns + 2 - side) / loops.stride + 1 }
    var fine: Int { rows * columns * block }
    var coarse: Int { coarseRows * coarseColumns * block }
    var tileCount: Int { tiles(phases: 1).rows * tiles(phases: 1).columns }
    var kernels: Int { side * side * block * block }
    var kernelOrder: WinogradKernelOrder {
      WinogradKernelOrder(
        side: side, pointStride: phases * block * block, phaseStride: block * block)
    }

    func tiles(phases: Int) -> WinogradTiles {
      var tiles = WinogradTiles(
        fineRows: rows, fineColumns: columns, coarseRows: coarseRows,
        coarseColumns: coarseColumns, top: 1, left: 1, pointStride: 0, phaseStride: 0)
      tiles.phaseStride = tiles.rows * tiles.columns * block
      tiles.pointStride = phases * tiles.phaseStride
      return tiles
    }
  }

  private func cases(_ set: InstructionSet) throws -> [Case] {
    let tensor = try Loops.table(for: set).tensor
    return [tensor.winograd42, tensor.winograd43].flatMap { loops in
      [(4, 4), (8, 8), (11, 14)].map { Case(loops: loops, rows: $0.0, columns: $0.1) }
    }
  }

  @Test(arguments: InstructionSet.available)
  func aConvolutionIsTheProductOfPoints(_ set: InstructionSet) throws {
    for c in try cases(set) {
      let (image, kernels) = (Floats(c.fine, seed: 1), Floats(c.kernels, seed: 2))
      let (fineTiles, coarseTiles) = (c.tiles(phases: c.phases), c.tiles(phases: 1))
      let fine = Floats(c.points * fineTiles.pointStride)
      let kernelPoints = Floats(c.points * c.phases * c.block * c.block)
      let coarse = Floats(c.points * coarseTiles.pointStride)
      c.loops.fromFine(fine.start, image.start, fineTiles)
      c.loops.fromKernels(kernelPoints.start, kernels.start, c.kernelOrder, false)
      for point in 0..<c.points {
        for tile in 0..<c.tileCount {
          for output in 0..<c.block {
            var sum: Float = 0
            for phase in 0..<c.phases {
              for input in 0..<c.block {
                sum +=
                  fine[
                    point * fineTiles.pointStride + phase * fineTiles.phaseStride
                      + tile * c.block + input]
                  * kernelPoints[((point * c.phases + phase) * c.block + input) * c.block + output]
              }
            }
            coarse[point * coarseTiles.pointStride + tile * c.block + output] = sum
          }
        }
      }
      let bias = Floats(c.block, seed: 3)
      let result = Floats(c.coarse)
      c.loops.toCoarse(
        result.start, coarse.start, coarseTiles,
        WinogradFinish(bias: UnsafePointer(bias.start), slope: 0.25))
      for index in 0..<c.coarse {
        let (pixel, output) = (index / c.block, index % c.block)
        let (row, column) = (pixel / c.coarseColumns, pixel % c.coarseColumns)
        var sum = Double(bias[output])
        for y in 0..<c.side {
          for x in 0..<c.side {
            let from = (row * c.loops.stride + y - 1, column * c.loops.stride + x - 1)
            guard (0..<c.rows).contains(from.0), (0..<c.columns).contains(from.1) else { continue }
            for input in 0..<c.block {
              sum +=
                Double(image[(from.0 * c.columns + from.1) * c.block + input])
                * Double(kernels[((y * c.side + x) * c.block + input) * c.block + output])
            }
          }
        }
        #expect(abs(Double(result[index]) - (sum > 0 ? sum : sum / 4)) < 1e-4)
      }
    }
  }

  /// ⟨A x, y⟩ = ⟨x, Aᵀ y⟩
  @Test(arguments: InstructionSet.available)
  func theMapsOfGradientsAreTheOthersTransposed(_ set: InstructionSet) throws {
    for c in try cases(set) {
      let (fineTiles, coarseTiles) = (c.tiles(phases: c.phases), c.tiles(phases: 1))
      func expectTransposed(
        _ inputs: Int, _ outputs: Int, _ map: (Floats, Floats) -> Void,
        _ transposed: (Floats, Floats) -> Void
      ) {
        let (x, y) = (Floats(inputs, seed: 4), Floats(outputs, seed: 5))
        let (mapped, back) = (Floats(outputs), Floats(inputs))
        map(mapped, x)
        transposed(back, y)
        let (left, right) = (mapped.dot(y), x.dot(back))
        #expect(left != 0 && abs(left - right) < 1e-4 * max(1, abs(left)))
      }
      expectTransposed(c.fine, c.points * fineTiles.pointStride) {
        c.loops.fromFine($0.start, $1.start, fineTiles)
      } _: {
        c.loops.toFine($0.start, $1.start, fineTiles)
      }
      expectTransposed(c.coarse, c.points * coarseTiles.pointStride) {
        c.loops.fromCoarse($0.start, $1.start, coarseTiles)
      } _: {
        c.loops.toCoarse($0.start, $1.start, coarseTiles, WinogradFinish())
      }
      expectTransposed(c.kernels, c.points * c.phases * c.block * c.block) {
        c.loops.fromKernels($0.start, $1.start, c.kernelOrder, false)
      } _: {
        c.loops.toKernels($0.start, $1.start, c.kernelOrder, false)
      }
    }
  }

  @Test(arguments: InstructionSet.available)
  func turnedKernelsHaveTheirChannelsExchanged(_ set: InstructionSet) throws {
    for c in try cases(set) {
      let kernels = Floats(c.kernels, seed: 6)
      let count = c.points * c.phases * c.block * c.block
      let (plain, turned) = (Floats(count), Floats(count))
      c.loops.fromKernels(plain.start, kernels.start, c.kernelOrder, false)
      c.loops.fromKernels(turned.start, kernels.start, c.kernelOrder, true)
      for index in 0..<count {
        let (pair, rest) = (index % (c.block * c.block), index / (c.block * c.block))
        let exchanged = pair % c.block * c.block + pair / c.block
        #expect(plain[index] == turned[rest * c.block * c.block + exchanged])
      }
    }
  }
}
