import Networks
import Tensors

extension Models {
  /// LeNet-5 for digits of 28 × 28 or 32 × 32 pixels.
  ///
  /// Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: *Gradient-Based Learning Applied to Document
  /// Recognition*. 1998, §II.B.
  ///
  /// Departures: average pooling without trained coefficients; the second convolution sees all six
  /// maps instead of chosen ones; a dense layer instead of radial basis functions at the end;
  /// images of 28 pixels are padded to the paper's 32 by the first convolution.
  public static func leNet5(classes: Int = 10, input: Shape = [28, 28, 1]) -> Network {
    let isPadded = input.rank == 3 && input[0] >= 32
    return Network(input: input) {
      Conv2D(6, 5, padding: isPadded ? .valid : .same, activation: .tanh)  // 28×28×6
      AveragePool2D(2)  // 14×14×6
      Conv2D(16, 5, activation: .tanh)  // 10×10×16
      AveragePool2D(2)  // 5×5×16
      Flatten()  // 400
      Dense(120, activation: .tanh)  // 120
      Dense(84, activation: .tanh)  // 84
      Dense(classes, activation: .softmax)  // 10
    }
  }
}
