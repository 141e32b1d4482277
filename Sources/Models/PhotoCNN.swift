import Networks
import Tensors

extension Models {
  /// A CNN for folders of photos, which takes pixel values 0…255 as they are.
  ///
  /// Source: TensorFlow's tutorial *Image classification* (3,989,285 parameters for 5 classes of
  /// 180 × 180 × 3). With the tutorial's dropout; its augmentation is the loader's
  /// matter.
  public static func photoCNN(classes: Int = 5, input: Shape = [180, 180, 3]) -> Network {
    Network(input: input) {
      Rescaling(1 / 255)  // 180×180×3
      Conv2D(16, 3, padding: .same, activation: .relu)  // 180×180×16
      MaxPool2D(2)  // 90×90×16
      Conv2D(32, 3, padding: .same, activation: .relu)  // 90×90×32
      MaxPool2D(2)  // 45×45×32
      Conv2D(64, 3, padding: .same, activation: .relu)  // 45×45×64
      MaxPool2D(2)  // 22×22×64
      Dropout(0.2)  // 22×22×64
      Flatten()  // 30976
      Dense(128, activation: .relu)  // 128
      Dense(classes, activation: .softmax)  // 5
    }
  }
}
