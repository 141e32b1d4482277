import Graphs
import Models
import Networks
import Tensors
import Testing

@Suite struct ModelTests {
  /// Published numbers of trained parameters.
  @Test(arguments: [
    ("lenet5", 61_706), ("small-cnn", 93_322), ("photo-cnn", 3_989_285), ("resnet20", 269_722),
    ("resnet18", 11_689_512), ("resnet34", 21_797_672), ("resnet50", 25_557_032),
    ("resnet101", 44_549_160), ("resnet152", 60_192_808), ("alexnet", 61_100_840),
    ("alexnet-2012", 60_965_224), ("vgg11", 132_863_336), ("vgg13", 133_047_848),
    ("vgg16", 138_357_544), ("vgg19", 143_667_240), ("mobilenetv2", 3_504_872),
    ("googlenet", 6_624_904), ("googlenet-2014", 6_998_552), ("xception", 22_855_952),
    ("efficientnet-b0", 5_288_548), ("perceptron", 7_850), ("mlp", 235_146),
    ("dcgan-generator", 3_576_704), ("dcgan-discriminator", 2_765_568),
  ])
  func parameters(name: String, count: Int) throws {
    #expect(try Models.named(name).summary().parameters == count)
  }

  /// A class for each pixel, of gray images and two classes, or of RGB and eleven.
  @Test(arguments: [
    ("unet", [572, 572, 1], 2, 31_030_658, [388, 388, 2]),
    ("unet", [572, 572, 3], 11, 31_032_395, [388, 388, 11]),
    ("unet-small", [352, 256, 3], 11, 1_942_747, [352, 256, 11]),
    ("unet-half", [352, 256, 3], 11, 1_944_604, [352, 256, 11]),
  ])
  func uNets(name: String, input: [Int], classes: Int, parameters: Int, output: [Int]) throws {
    let summary = try Models.named(name, classes: classes, input: Shape(input)).summary()
    #expect(summary.parameters == parameters)
    #expect(summary.layers.last?.output == output)
  }

  /// Sides that do not divide are refused with the layer's place, not rounded.
  @Test(arguments: [("unet", 576), ("unet-small", 40), ("unet-half", 48)])
  func uNetsOfOtherSizes(name: String, side: Int) {
    #expect(throws: NetworkError.self) {
      try Models.named(name, input: [side, side, 3]).summary()
    }
  }

  /// Counts with both auxiliary classifiers, which stand in training alone.
  @Test(arguments: [("googlenet", 13_004_888), ("googlenet-2014", 13_378_280)])
  func parametersOfTraining(name: String, count: Int) throws {
    let built = try Models.named(name).build(on: Graph(), batch: 2, mode: .training)
    #expect(built.parameters.map(\.shape.count).reduce(0, +) == count)
    #expect(built.auxiliaries.map(\.weight) == [0.3, 0.3])
    #expect(built.auxiliaries.map(\.logits.shape) == [[2, 1000], [2, 1000]])
  }

  /// Published multiply-adds, in billions to two places.
  @Test(arguments: [
    ("resnet18", 1.81), ("resnet34", 3.66), ("resnet50", 4.09), ("vgg11", 7.61), ("vgg16", 15.47),
    ("mobilenetv2", 0.30), ("googlenet", 1.50), ("resnet101", 7.80), ("resnet152", 11.51),
    ("alexnet", 0.71), ("efficientnet-b0", 0.39), ("vgg13", 11.31), ("vgg19", 19.63),
  ])
  func multiplyAdds(name: String, billions: Double) throws {
    let count = try Models.named(name).summary().multiplyAdds
    #expect((Double(count) / 1e7).rounded() / 100 == billions)
  }

  @Test func everyModelBuildsAndEndsInItsClasses() throws {
    for entry in Models.all {
      let summary = try entry.network().summary()
      #expect(summary.input == entry.input.dimensions)
      if let classes = entry.classes {
        let size = entry.classifiesPixels ? summary.layers.last?.output.dropLast() ?? [] : []
        #expect(summary.layers.last?.output == size + [classes], "\(entry.name)")
        let other = try entry.network(classes: 7).summary()
        #expect(other.layers.last?.output == size + [7], "\(entry.name)")
      }
    }
  }

  @Test func smallImages() throws {
    // ResNet-18 as CIFAR uses it; VGG and MobileNetV2 take 32 pixels too.
    #expect(
      try Models.named("resnet18", classes: 10, input: [32, 32, 3]).summary().parameters
        == 11_173_962)
    for name in [
      "resnet34", "resnet50", "resnet101", "vgg11", "vgg16", "mobilenetv2", "googlenet",
      "googlenet-2014", "xception", "efficientnet-b0",
    ] {
      let summary = try Models.named(name, classes: 10, input: [32, 32, 3]).summary()
      #expect(summary.layers.last?.output == [10], "\(name)")
    }
    #expect(try Models.named("lenet5", input: [32, 32, 1]).summary().parameters == 61_706)
    #expect(
      try Models.named("small-cnn", input: [32, 32, 3]).summary().parameters == 122_570)
  }

  @Test func dcganOfOtherSizes() throws {
    for size in [32, 64, 128] {
      let pair = try Models.DCGAN(size: size, width: 16, latent: 20)
      #expect(try pair.generator.summary().layers.last?.output == [size, size, 3])
      #expect(try pair.discriminator.summary().layers.last?.output == [1])
    }
    #expect(throws: NetworkError.network("a DCGAN of 48 pixels: expected 32, 64 or 128")) {
      try Models.DCGAN(size: 48)
    }
  }

  @Test func unknownNamesListTheKnown() {
    #expect {
      try Models.named("resnet19")
    } throws: { "\($0)".hasPrefix("unknown architecture \"resnet19\"; available: perceptron,") }
    #expect(throws: NetworkError.network("dcgan-generator has no classes")) {
      try Models.named("dcgan-generator", classes: 10)
    }
  }
}
