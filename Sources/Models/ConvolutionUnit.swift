import Networks

extension Models {
  /// The unit of mobile networks: a convolution that keeps the size but for its stride, batch normalization
  /// and an activation. Layers are named as torchvision's `Conv2dNormActivation`.
  static func convolutionUnit(
    _ channels: Int, _ kernel: Int, stride: Int = 1, groups: Int = 1, activation: Activation
  ) -> Sequential {
    Sequential(naming: .byIndex) {
      Conv2D(
        channels, .init(kernel), strides: .init(stride), padding: .same, groups: groups,
        bias: false, initializer: .heNormal)
      BatchNorm(activation: activation)
    }
  }
}
