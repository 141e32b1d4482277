import Graphs
import Networks
import Tensors
import Testing

/// What a mistaken declaration is told.
@Suite struct MistakeTests {
  private func message(
    _ input: Shape, mode: Mode = .inference, batch: Int = 2,
    @LayerBuilder _ layers: () -> [LayerBuilder.Element]
  ) -> String {
    let network = Network(input: input, layers)
    do {
      _ = try network.build(on: Graph(), batch: batch, mode: mode)
      return "no error"
    } catch { return "\(error)" }
  }

  @Test func denseAfterAnImage() {
    #expect(
      message([28, 28, 1]) {
        Conv2D(32, 3, activation: .relu)
        MaxPool2D(2)
        Conv2D(64, 3, activation: .relu)
        MaxPool2D(2)
        Conv2D(64, 3, activation: .relu)
        Dense(10)
      }
        == "Dense(10) after Conv2D at layer 5: expected a flat input, received 3×3×64; "
        + "add Flatten()")
    #expect(
      message([28, 28, 1]) { Dense(10) }
        == "Dense(10) at layer 1: expected a flat input, received 28×28×1; add Flatten()")
  }

  @Test func convolutionAfterFlat() {
    #expect(
      message([784]) { Conv2D(32, 3) }
        == "Conv2D(32, 3) at layer 1: expected an image H×W×C, received 784; "
        + "add Reshape([height, width, channels])")
  }

  @Test func windowsLargerThanTheImage() {
    #expect(
      message([4, 4, 1]) {
        MaxPool2D(2)
        Conv2D(8, 3)
      }
        == "Conv2D(8, 3) after MaxPool2D at layer 1: kernel 3×3 does not fit into 2×2×1; use "
        + "padding: .same, a smaller kernel, or a larger input")
    #expect(
      message([1, 1, 3]) { MaxPool2D(2) }.contains("window 2×2 does not fit into 1×1×3"))
  }

  @Test func placesInsideBlocksAreGivenByPath() {
    #expect(
      message([8, 8, 4]) {
        Sequential {
          Residual {
            Conv2D(4, 3, padding: .same).named("conv1")
            Dense(3).named("fc")
          }.named("0")
        }.named("layer1")
      }.hasPrefix("Dense(3) after Conv2D at layer1.0.fc: expected a flat input, received 8×8×4"))
  }

  @Test func residualSumOfDifferentShapes() {
    #expect(
      message([8, 8, 4]) {
        Residual { Conv2D(8, 3, padding: .same) }
      }.contains("the body makes 8×8×8, the shortcut 8×8×4"))
  }

  @Test func twoLayersOfOneName() {
    #expect(
      message([4]) {
        Dense(4).named("fc")
        Dense(4).named("fc")
      } == "two layers are called \"fc\": give one another name")
    #expect(message([4]) { Dense(4).named("a.b") }.contains("expected a name without a dot"))
  }

  @Test func numbersOutOfRange() {
    #expect(message([4]) { Dense(0) }.contains("units 0: expected 1…"))
    #expect(message([8, 8, 3]) { Conv2D(8, 0) }.contains("kernel 0: expected 1…"))
    #expect(message([8, 8, 3]) { Conv2D(8, 3, strides: 0) }.contains("strides 0"))
    #expect(message([8, 8, 3]) { Conv2D(8, 3, groups: 2) }.contains("groups 2 must divide"))
    #expect(message([4]) { Dropout(1) }.contains("rate 1.0"))
    #expect(
      message([4]) { Networks.Reshape([2, 3]) }.contains("expected 6 numbers for 2×3, received 4"))
    #expect(
      message([9]) { Dense(9, activation: .maxout(pieces: 2)) }
        .contains("channels in multiples of 2"))
    #expect(message([Int.max, 2, 2]) { Flatten() }.hasPrefix("input "))
    #expect(message([8, 8, 3]) { Conv2D(8, 3, padding: .explicit(-1)) }.contains("padding -1"))
    #expect(message([8, 8, 3]) { Conv2D(8, Size2D(Int.max)) }.contains("kernel"))
    #expect(
      message([4, 4, 1]) { for _ in 0..<9 { Upsample2D(60000) } }.contains("expected extents"))
  }

  @Test func batchNormOfASingleNumber() {
    #expect(
      message([4], mode: .training, batch: 1) { BatchNorm() }
        .contains("one number a channel has no variance"))
  }

  @Test func anInputOfAnotherShape() throws {
    let graph = Graph()
    let node = try graph.input("x", [2, 3, 8, 8])
    #expect(throws: NetworkError.network("the network takes 4×4×3, received 8×8×3")) {
      try Network(input: [4, 4, 3]) { Flatten() }.build(on: node, mode: .inference)
    }
  }
}
