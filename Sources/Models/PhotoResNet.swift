import Networks
import Tensors

extension Models {
  /// A residual network for photographs of about 64 × 64 pixels, made to learn a few hundred classes
  /// in hours on a processor.
  ///
  /// K. He et al., 2015, arXiv 1512.03385, with a stem of stride 2 and widths that grow more slowly than
  /// the maps shrink, since most of a small image's detail is gone by the last stage.
  public static func photoResNet(
    classes: Int = 261, input: Shape = [64, 64, 3], widths: [Int] = [64, 128, 224, 256]
  ) -> Network {
    Network(input: input) {
      Conv2D(
        widths[0], 3, strides: 2, padding: .same, bias: false, initializer: .heNormal
      ).named("conv1")  // 32×32×64
      BatchNorm(activation: .relu).named("bn1")  // 32×32×64
      for (index, width) in widths.enumerated() {
        Sequential(naming: .byIndex) {
          ResNet.basicBlock(width, stride: index == 0 ? 1 : 2, changes: index > 0)
          ResNet.basicBlock(width, stride: 1, changes: false)
        }.named("layer\(index + 1)")  // 32×32×64, 16×16×128, 8×8×224, 4×4×256
      }
      GlobalAveragePool().named("avgpool")  // 256
      Dense(classes).named("fc")  // 261
    }
  }
}
