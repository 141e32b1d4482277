import Models
import Networks
import Tensors
import Testing

@Suite struct ModelTests {
  /// Published numbers of trained parameters.
  @Test(arguments: [
    ("lenet5", 61_706), ("small-cnn", 93_322), ("photo-cnn", 3_989_285), ("resnet20", 269_722),
    ("resnet18", 11_689_512), ("resnet34", 21_797_672), ("resnet50", 25_557_032),
    ("vgg11", 132_863_336), ("vgg16", 138_357_544), ("mobilenetv2", 3_504_872),
    ("dcgan-generator", 3_576_704), ("dcgan-discriminator", 2_765_568),
  ])
  func parameters(name: String, count: Int) throws {
    #expect(try Models.named(name).summary().parameters == count)
  }

  /// Published multiply-adds, in billions to two places.
  @Test(arguments: [
    ("resnet18", 1.81), ("resnet34", 3.66), ("resnet50", 4.09), ("vgg11", 7.61), ("vgg16", 15.47),
    ("mobilenetv2", 0.30),
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
        #expect(summary.layers.last?.output == [classes], "\(entry.name)")
        let other = try entry.network(classes: 7).summary()
        #expect(other.layers.last?.output == [7], "\(entry.name)")
      }
    }
  }

  @Test func smallImages() throws {
    // ResNet-18 as CIFAR uses it; VGG and MobileNetV2 take 32 pixels too.
    #expect(
      try Models.named("resnet18", classes: 10, input: [32, 32, 3]).summary().parameters
        == 11_173_962)
    for name in ["resnet34", "resnet50", "vgg11", "vgg16", "mobilenetv2"] {
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
    } throws: { "\($0)".hasPrefix("no architecture is called \"resnet19\"; known are lenet5,") }
    #expect(throws: NetworkError.network("dcgan-generator has no classes")) {
      try Models.named("dcgan-generator", classes: 10)
    }
  }
}
