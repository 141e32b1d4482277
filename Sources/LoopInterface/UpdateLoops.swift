/// The optimizers' updates over a run of a parameter `p`, its gradient `g` and its states, in place.
///
/// Formulas: `OptimizerRule`.
package struct UpdateLoops: Sendable {
  package typealias Floats = UnsafeMutablePointer<Float>

  package var sgd:
    @Sendable (
      _ p: Floats, _ g: UnsafePointer<Float>, _ count: Int, _ rate: Float, _ weightDecay: Float
    ) -> Void
  package var momentum:
    @Sendable (
      _ p: Floats, _ g: UnsafePointer<Float>, _ velocity: Floats, _ count: Int, _ rate: Float,
      _ momentum: Float, _ nesterov: Bool, _ weightDecay: Float
    ) -> Void
  package var adam:
    @Sendable (
      _ p: Floats, _ g: UnsafePointer<Float>, _ mean: Floats, _ square: Floats, _ count: Int,
      _ constants: AdamConstants
    ) -> Void
  package var rmsProp:
    @Sendable (
      _ p: Floats, _ g: UnsafePointer<Float>, _ square: Floats, _ velocity: Floats?, _ count: Int,
      _ rate: Float, _ decay: Float, _ epsilon: Float, _ momentum: Float, _ weightDecay: Float
    ) -> Void
  package var adagrad:
    @Sendable (
      _ p: Floats, _ g: UnsafePointer<Float>, _ square: Floats, _ count: Int, _ rate: Float,
      _ epsilon: Float, _ weightDecay: Float
    ) -> Void
  package var adadelta:
    @Sendable (
      _ p: Floats, _ g: UnsafePointer<Float>, _ square: Floats, _ delta: Floats, _ count: Int,
      _ rate: Float, _ decay: Float, _ epsilon: Float, _ weightDecay: Float
    ) -> Void

  package init(
    sgd: @escaping @Sendable (Floats, UnsafePointer<Float>, Int, Float, Float) -> Void,
    momentum:
      @escaping @Sendable (
        Floats, UnsafePointer<Float>, Floats, Int, Float, Float, Bool, Float
      ) -> Void,
    adam:
      @escaping @Sendable (
        Floats, UnsafePointer<Float>, Floats, Floats, Int, AdamConstants
      ) -> Void,
    rmsProp:
      @escaping @Sendable (
        Floats, UnsafePointer<Float>, Floats, Floats?, Int, Float, Float, Float, Float, Float
      ) -> Void,
    adagrad:
      @escaping @Sendable (
        Floats, UnsafePointer<Float>, Floats, Int, Float, Float, Float
      ) -> Void,
    adadelta:
      @escaping @Sendable (
        Floats, UnsafePointer<Float>, Floats, Floats, Int, Float, Float, Float, Float
      ) -> Void
  ) {
    self.sgd = sgd
    self.momentum = momentum
    self.adam = adam
    self.rmsProp = rmsProp
    self.adagrad = adagrad
    self.adadelta = adadelta
  }
}

/// What Adam needs beside its states, the same for all elements of a step.
package struct AdamConstants: Sendable {
  package var beta1, beta2, epsilon: Float
  /// Added to the gradient, times the parameter.
  package var weightDecay: Float
  /// What the parameter is multiplied by first (AdamW: 1 − η·λ).
  package var shrink: Float
  /// η / (1 − β₁ᵗ)
  package var stepSize: Float
  /// 1 / √(1 − β₂ᵗ)
  package var squareScale: Float

  package init(
    beta1: Float, beta2: Float, epsilon: Float, weightDecay: Float, shrink: Float,
    stepSize: Float, squareScale: Float
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.shrink = shrink
    self.stepSize = stepSize
    self.squareScale = squareScale
  }
}
