import FoundationEssentials
import Graphs
import Models
import Networks
import Tensors
import Testing

/// The names and shapes of variables against those of the networks' originals.
@Suite struct NameTests {
  /// Each variable as "name shape".
  private func variables(of network: Network) throws -> Set<String> {
    let graph = Graph()
    _ = try network.build(on: graph, batch: 2, mode: .training)
    return Set(graph.variables.map { "\($0.name) \($0.shape)" })
  }

  private func published() throws -> [String: Set<String>] {
    let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let path = folder.joined(separator: "/") + "/Fixtures/torchvision.txt"
    let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    var result: [String: Set<String>] = [:]
    var network = ""
    for line in text.split(separator: "\n") {
      if line.hasPrefix("# ") {
        network = String(line.dropFirst(2))
      } else {
        result[network, default: []].insert(String(line))
      }
    }
    return result
  }

  @Test(arguments: [
    ("resnet18", "resnet18"), ("resnet34", "resnet34"), ("resnet50", "resnet50"),
    ("resnet101", "resnet101"), ("resnet152", "resnet152"), ("alexnet", "alexnet"),
    ("vgg11", "vgg11"), ("vgg13", "vgg13"), ("vgg16", "vgg16"), ("vgg19", "vgg19"),
    ("mobilenetv2", "mobilenet_v2"), ("googlenet", "googlenet"),
    ("efficientnet-b0", "efficientnet_b0"),
  ])
  func asInTorchvision(name: String, original: String) throws {
    let expected = try #require(try published()[original])
    let actual = try variables(of: Models.named(name))
    #expect(actual.subtracting(expected).sorted() == [])
    #expect(expected.subtracting(actual).sorted() == [])
  }

  /// The names of PyTorch's DCGAN example, of which both networks are one `nn.Sequential` "main".
  @Test func asInTheDCGANExample() throws {
    let pair = try Models.DCGAN()
    let generator = try variables(of: pair.generator)
    for name in [
      "main.0.weight 100×512×4×4", "main.1.running_var 512", "main.3.weight 512×256×4×4",
      "main.10.bias 64", "main.12.weight 64×3×4×4",
    ] { #expect(generator.contains(name), "\(name)") }
    #expect(generator.count == 5 + 4 * 4)
    let discriminator = try variables(of: pair.discriminator)
    for name in [
      "main.0.weight 64×3×4×4", "main.2.weight 128×64×4×4", "main.3.running_mean 128",
      "main.9.weight 512", "main.11.weight 1×512×4×4",
    ] { #expect(discriminator.contains(name), "\(name)") }
    #expect(discriminator.count == 5 + 3 * 4)
  }

  private struct Entry: Decodable { let shape: [Int] }

  /// The safetensors file of a trained ResNet-20, where the cases are at hand.
  @Test(.enabled(if: resNet20File != nil, "no case weights/resnet20-12fca82f.safetensors"))
  func asInTheTrainedResNet20() throws {
    let data = try Data(contentsOf: URL(filePath: try #require(resNet20File)))
    let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = try JSONDecoder().decode(
      [String: Entry].self, from: data.dropFirst(8).prefix(length))
    let expected = Set(header.map { "\($0.key) \(Shape($0.value.shape))" })
    #expect(try variables(of: Models.named("resnet20")) == expected)
  }
}

/// The path of the file of a case, or nil where there is none.
private let resNet20File: String? = {
  let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
  let folder =
    environmentValue("VISION_CASES") ?? root.joined(separator: "/") + "/../shared/cases"
  let path = folder + "/weights/resnet20-12fca82f.safetensors"
  return FileManager.default.fileExists(atPath: path) ? path : nil
}()

private func environmentValue(_ name: String) -> String? {
  ProcessInfo.processInfo.environment[name]
}
