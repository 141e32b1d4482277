import Networks
import Tensors

/// The architectures that ship, by name.
public enum Models {
  /// One architecture.
  public struct Entry: Sendable {
    /// The name that commands and model files use: `resnet18`.
    public let name: String
    /// What it is, in a line.
    public let summary: String
    /// The input it takes unless told otherwise: height × width × channels.
    public let input: Shape
    /// The number of classes unless told otherwise; nil where the network sorts into none.
    public let classes: Int?
    /// Whether it gives each pixel of an image a class, not the image one.
    public var classifiesPixels = false

    let make: @Sendable (_ classes: Int, _ input: Shape) throws(NetworkError) -> Network

    /// The network for a number of classes and an input shape.
    ///
    /// - Throws: where the architecture cannot have that shape.
    public func network(
      classes: Int? = nil, input: Shape? = nil
    ) throws(NetworkError) -> Network {
      if classes != nil, self.classes == nil {
        throw .network("\(name) has no classes")
      }
      if let classes, classes < 1 {
        throw .network("\(name) of \(classes) classes: expected 1 or more")
      }
      return try make(classes ?? self.classes ?? 0, input ?? self.input)
    }
  }

  /// All architectures, small ones first.
  public static let all: [Entry] = [
    Entry(
      name: "perceptron", summary: "one dense layer (Rosenblatt 1958)", input: [28, 28, 1],
      classes: 10
    ) { perceptron(classes: $0, input: $1) },
    Entry(
      name: "mlp", summary: "hidden layers of 256 and 128 units", input: [28, 28, 1], classes: 10
    ) { perceptron(classes: $0, input: $1, hidden: [256, 128]) },
    Entry(
      name: "lenet5", summary: "LeNet-5 (LeCun et al. 1998)", input: [28, 28, 1], classes: 10
    ) { leNet5(classes: $0, input: $1) },
    Entry(
      name: "small-cnn", summary: "three convolutions, two dense layers", input: [28, 28, 1],
      classes: 10
    ) { smallCNN(classes: $0, input: $1) },
    Entry(
      name: "photo-cnn", summary: "a CNN for folders of photos, pixels 0…255",
      input: [180, 180, 3],
      classes: 5
    ) { photoCNN(classes: $0, input: $1) },
    Entry(
      name: "compact-resnet", summary: "three residual stages for digits and clothes",
      input: [28, 28, 1], classes: 10
    ) { compactResNet(classes: $0, input: $1) },
    Entry(
      name: "whitened-cnn", summary: "whitening and three stages, learns CIFAR-10 fast",
      input: [32, 32, 3], classes: 10
    ) { whitenedCNN(classes: $0, input: $1) },
    Entry(
      name: "resnet20", summary: "ResNet-20 for CIFAR (He et al. 2015)", input: [32, 32, 3],
      classes: 10
    ) { resNet20(classes: $0, input: $1) },
    Entry(
      name: "burn-mnist", summary: "the digit network of burn's examples", input: [28, 28, 1],
      classes: 10
    ) { burnMNIST(classes: $0, input: $1) },
    Entry(
      name: "resnet18", summary: "ResNet-18 (He et al. 2015)", input: [224, 224, 3], classes: 1000
    ) { ResNet.resNet18.network(classes: $0, input: $1) },
    Entry(
      name: "resnet18-narrow", summary: "ResNet-18 of half the channels, for small photos",
      input: [64, 64, 3], classes: 10
    ) { ResNet.resNet18.network(classes: $0, input: $1, width: 32, stem: .conv3x3Stride2) },
    Entry(
      name: "photo-resnet", summary: "a residual network for small photos of many kinds",
      input: [64, 64, 3], classes: 261
    ) { photoResNet(classes: $0, input: $1) },
    Entry(
      name: "resnet34", summary: "ResNet-34 (He et al. 2015)", input: [224, 224, 3], classes: 1000
    ) { ResNet.resNet34.network(classes: $0, input: $1) },
    Entry(
      name: "resnet50", summary: "ResNet-50 (He et al. 2015)", input: [224, 224, 3], classes: 1000
    ) { ResNet.resNet50.network(classes: $0, input: $1) },
    Entry(
      name: "resnet101", summary: "ResNet-101 (He et al. 2015)", input: [224, 224, 3],
      classes: 1000
    ) { ResNet.resNet101.network(classes: $0, input: $1) },
    Entry(
      name: "resnet152", summary: "ResNet-152 (He et al. 2015)", input: [224, 224, 3],
      classes: 1000
    ) { ResNet.resNet152.network(classes: $0, input: $1) },
    Entry(
      name: "alexnet", summary: "AlexNet on one processor (Krizhevsky 2014)", input: [224, 224, 3],
      classes: 1000
    ) { alexNet(classes: $0, input: $1) },
    Entry(
      name: "alexnet-2012", summary: "AlexNet of two groups (Krizhevsky et al. 2012)",
      input: [227, 227, 3], classes: 1000
    ) { alexNet2012(classes: $0, input: $1) },
    Entry(
      name: "vgg11", summary: "VGG-11 (Simonyan and Zisserman 2014)", input: [224, 224, 3],
      classes: 1000
    ) { VGG.vgg11.network(classes: $0, input: $1) },
    Entry(
      name: "vgg13", summary: "VGG-13 (Simonyan and Zisserman 2014)", input: [224, 224, 3],
      classes: 1000
    ) { VGG.vgg13.network(classes: $0, input: $1) },
    Entry(
      name: "vgg16", summary: "VGG-16 (Simonyan and Zisserman 2014)", input: [224, 224, 3],
      classes: 1000
    ) { VGG.vgg16.network(classes: $0, input: $1) },
    Entry(
      name: "vgg19", summary: "VGG-19 (Simonyan and Zisserman 2014)", input: [224, 224, 3],
      classes: 1000
    ) { VGG.vgg19.network(classes: $0, input: $1) },
    Entry(
      name: "googlenet", summary: "GoogLeNet with batch normalization (Szegedy et al. 2014)",
      input: [224, 224, 3], classes: 1000
    ) { GoogLeNet.batchNormalized.network(classes: $0, input: $1) },
    Entry(
      name: "googlenet-2014", summary: "GoogLeNet of the paper (Szegedy et al. 2014)",
      input: [224, 224, 3], classes: 1000
    ) { GoogLeNet.paper.network(classes: $0, input: $1) },
    Entry(
      name: "xception", summary: "Xception (Chollet 2016)", input: [299, 299, 3], classes: 1000
    ) { xception(classes: $0, input: $1) },
    Entry(
      name: "efficientnet-b0", summary: "EfficientNet-B0 (Tan and Le 2019)",
      input: [224, 224, 3], classes: 1000
    ) { efficientNetB0(classes: $0, input: $1) },
    Entry(
      name: "mobilenetv2", summary: "MobileNetV2 (Sandler et al. 2018)", input: [224, 224, 3],
      classes: 1000
    ) { mobileNetV2(classes: $0, input: $1) },
    pixelEntry(
      "unet", summary: "U-Net, a class for each pixel (Ronneberger et al. 2015)",
      input: [572, 572, 1], multiplesOf: 16, plus: 12
    ) { unet(classes: $0, input: $1) },
    pixelEntry(
      "unet-small", summary: "U-Net of 16 channels with batch normalization",
      input: [256, 256, 3], multiplesOf: 16
    ) { unetSmall(classes: $0, input: $1) },
    pixelEntry(
      "unet-half", summary: "the same at half the resolution, for photos", input: [256, 256, 3],
      multiplesOf: 32
    ) { unetHalf(classes: $0, input: $1) },
    Entry(
      name: "dcgan-generator", summary: "latent numbers to 64 × 64 images (Radford et al. 2015)",
      input: [100], classes: nil
    ) { (_, input) throws(NetworkError) in
      guard input.rank == 1 else {
        throw .network("dcgan-generator takes latent numbers, received \(input)")
      }
      return try DCGAN(latent: input[0]).generator
    },
    Entry(
      name: "dcgan-discriminator", summary: "images to one logit (Radford et al. 2015)",
      input: [64, 64, 3], classes: nil
    ) { (_, input) throws(NetworkError) in
      guard input.rank == 3, input[0] == input[1] else {
        throw .network("dcgan-discriminator takes square images, received \(input)")
      }
      return try DCGAN(size: input[0], channels: input[2]).discriminator
    },
  ]

  /// Those that give an image a class.
  public static let classifiers = all.filter { $0.classes != nil && !$0.classifiesPixels }

  /// The architecture of a name, or nil.
  public static func entry(_ name: String) -> Entry? { all.first { $0.name == name } }

  /// The network of a name, for a number of classes and an input shape (height × width ×
  /// channels), or for its own where nil.
  ///
  /// - Throws: where no architecture has the name, or it cannot have that shape.
  public static func named(
    _ name: String, classes: Int? = nil, input: Shape? = nil
  ) throws(NetworkError) -> Network {
    guard let entry = entry(name) else {
      throw .network(
        "unknown architecture \"\(name)\"; available: "
          + all.map(\.name).joined(separator: ", "))
    }
    return try entry.network(classes: classes, input: input)
  }
}
