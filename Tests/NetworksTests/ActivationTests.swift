import Graphs
import Networks
import Tensors
import Testing

@Suite struct ActivationTests {
  @Test func valuesByHand() {
    func near(_ activation: Activation, _ x: Double, _ y: Double) -> Bool {
      abs(activation.value(at: x) - y) < 1e-9
    }
    #expect(near(.linear, -3, -3))
    #expect(near(.sigmoid, 0.3775, 0.593269992))
    #expect(near(.sigmoid, -800, 0))
    #expect(near(.hardSigmoid, 1.5, 0.75) && near(.hardSigmoid, 4, 1))
    #expect(near(.tanh, 1, 0.761594156))
    #expect(near(.relu, -2, 0) && near(.relu, 2, 2))
    #expect(near(.relu6, 9, 6))
    #expect(near(.leakyReLU(slope: 0.25), -2, -0.5))
    #expect(abs(Activation.leakyReLU().value(at: -2) + 0.02) < 1e-8)
    #expect(near(.prelu, -2, -0.5))
    #expect(near(.elu(), -1, -0.632120559))
    #expect(near(.maxout(), -2, 2))
    #expect(near(.swish, 1, 0.731058579))
    #expect(near(.gelu, 1, 0.841344746))
    #expect(near(.softplus, 0, 0.693147181) && near(.softplus, 900, 900))
    #expect(near(.softmax, 0, 0.5))
  }

  @Test func namesAreReadBack() {
    for activation in Activation.all {
      #expect(Activation(activation.description) == activation)
      #expect(Activation(activation.name) == activation)
    }
    #expect(Activation("leaky-relu(0.2)") == .leakyReLU(slope: 0.2))
    for text in ["", "(", "relu(1)", "leaky-relu(", "leaky-relu(x)", "elu(nan)", "maxout(2.5)"] {
      #expect(Activation(text) == nil, "\(text)")
    }
  }
}
