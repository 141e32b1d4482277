import Graphs
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct PixelShuffleTests {
  /// By hand: nine channels of a pixel become its 3 × 3 block, row by row.
  @Test func ordersChannelsAsPyTorch() throws {
    let x = ReferenceTensor([1, 8, 1, 2], (0..<16).map(Double.init))
    let y = try evaluate(PixelShuffle(2), on: x).output
    // Channel c holds 2c, 2c + 1 for its two pixels.
    #expect(y.shape == [1, 2, 2, 4])
    #expect(y.values == [0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15])
    #expect(try evaluate(PixelUnshuffle(2), on: y).output.values == x.values)
  }

  /// Keys's weights at a quarter of a pixel, by hand: 0.8671875, 0.2265625, −0.0703125, −0.0234375.
  @Test func bicubicWeights() throws {
    var x = ReferenceTensor([1, 1, 5, 5])
    x[0, 0, 2, 2] = 1
    let y = try evaluate(BicubicUpsample2D(2), on: x).output
    let line = [0, -0.0234375, -0.0703125, 0.2265625, 0.8671875]
    let expected = line + line.reversed()
    for row in 0..<10 {
      for column in 0..<10 {
        #expect(abs(y[0, 0, row, column] - expected[row] * expected[column]) < 1e-7)
      }
    }
  }

  /// Of three and four times the size, too, weights add up to 1, and channels do not mix.
  @Test(arguments: [2, 3, 4]) func bicubicKeepsColors(factor: Int) throws {
    var x = ReferenceTensor([1, 2, 5, 5])
    for index in x.shape.indices { x[index] = index[1] == 0 ? 0.25 : -3 }
    let y = try evaluate(BicubicUpsample2D(factor), on: x).output
    for row in 2 * factor..<3 * factor {
      for column in 2 * factor..<3 * factor {
        #expect(abs(y[0, 0, row, column] - 0.25) < 1e-6)
        #expect(abs(y[0, 1, row, column] + 3) < 1e-6)
      }
    }
  }

  @Test func refusesWhatDoesNotFit() {
    func message(_ input: Shape, _ layer: any Layer) -> String {
      do {
        _ = try Network(input: input, layers: [layer.named("x")])
          .build(on: Graph(), batch: 1, mode: .inference)
        return ""
      } catch { return "\(error)" }
    }
    #expect(
      message([4, 4, 6], PixelShuffle(2)).contains("a multiple of 4 channels, received 4×4×6"))
    #expect(message([4, 5, 3], PixelUnshuffle(2)).contains("a size that 2 divides"))
    #expect(message([4, 4, 3], PixelShuffle(0)).contains("factor 0"))
    #expect(message([4, 4, 3], BicubicUpsample2D(5)).contains("factor 5: expected 2…4"))
    #expect(message([4, 4, 2], FirstChannels(3)).contains("at least 3 channels"))
    #expect(message([4], PixelShuffle(2)) != "")
  }
}
