import Graphs
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct SkipConnectionTests {
  /// The input's channels, then the body's.
  @Test func keepsTheInput() throws {
    let x = ReferenceTensor([1, 2, 2, 2], (0..<8).map(Double.init))
    let y = try evaluate(SkipConnection { FirstChannels(1) }, on: x).output
    #expect(y.shape == [1, 3, 2, 2])
    #expect(y.values == [0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3])
  }

  /// Of 5 × 6, of which 3 × 3 of three cells a side make 3 × 4, the middle is taken.
  @Test func cropsTheMiddle() throws {
    let x = ReferenceTensor([1, 1, 5, 6], (0..<30).map(Double.init))
    let y = try evaluate(
      SkipConnection { MaxPool2D(3, strides: 1) }, on: x
    ).output
    #expect(y.shape == [1, 2, 3, 4])
    #expect(y.values[..<12] == [7, 8, 9, 10, 13, 14, 15, 16, 19, 20, 21, 22])
    #expect(y.values[12...] == [14, 15, 16, 17, 20, 21, 22, 23, 26, 27, 28, 29])
  }

  @Test func namesTheBodysLayers() throws {
    let network = Network(input: [4, 4, 3]) {
      SkipConnection { Conv2D(2, 3, padding: .same, bias: false).named("inner") }
    }
    let graph = Graph()
    #expect(
      try network.build(on: graph, batch: 1, mode: .inference).output.shape == [1, 5, 4, 4])
    #expect(graph.variables.map(\.name) == ["skip1.inner.weight"])
    let read = try Network(json: network.json())
    #expect(try read.json() == network.json())
    let replaced = network.replacingLayers { $0 is Conv2D ? FirstChannels(1) : $0 }
    #expect(try replaced.summary().parameters == 0)
  }

  @Test func refusesALargerBody() {
    let network = Network(input: [4, 4, 3]) { SkipConnection { Upsample2D(2) } }
    #expect {
      try network.build(on: Graph(), batch: 1, mode: .inference)
    } throws: {
      "\($0)".contains("the body makes 8×8×3 of 4×4×3: expected an image that is not larger")
    }
  }
}
