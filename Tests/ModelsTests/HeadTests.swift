import Graphs
import Models
import Networks
import Tensors
import Testing

@Suite struct HeadTests {
  /// Each architecture of the catalog that sorts into classes gets other ones.
  @Test(arguments: Models.classifiers.map(\.name))
  func everyClassifierGetsOtherClasses(name: String) throws {
    let network = try Models.named(name, classes: 7)
    let other = try network.withClasses(3)
    let built = try other.build(on: Graph(), batch: 1, mode: .inference)
    #expect(built.logits.shape == [1, 3])
    let start = try #require(network.backboneCount)
    #expect(start > 0 && start < network.layers.count)
    // The backbone's variables are the same, whatever the classes.
    #expect(try variables(network.prefix(start)) == variables(other.prefix(start)))
    #expect(try variables(network) != variables(other))
  }

  private func variables(_ network: Network) throws -> [Variable] {
    let graph = Graph()
    _ = try network.build(on: graph, batch: 1, mode: .inference)
    return graph.variables
  }

  @Test func headsBeginWhereTheFeaturesEnd() throws {
    #expect(try Models.named("resnet18").layers.last?.name == "fc")
    #expect(try Models.named("resnet18").backboneCount == 8)
    let compact = try Models.named("compact-resnet")
    #expect(compact.layers[try #require(compact.backboneCount)].typeName == "Dropout")
    #expect(try Models.named("vgg11").backboneCount == 3)
    let convolutional = Network(input: [8, 8, 3]) {
      Conv2D(4, 3)
      Conv2D(5, 1)
      GlobalAveragePool()
    }
    #expect(convolutional.backboneCount == 1)
    let built = try convolutional.withClasses(2).build(on: Graph(), batch: 1, mode: .inference)
    #expect(built.logits.shape == [1, 2])
    let none = Network(input: [4]) { Dropout(0.5) }
    #expect(none.backboneCount == nil)
    #expect(throws: NetworkError.self) { try none.withClasses(2) }
  }

  @Test func partsMakeTheWhole() throws {
    let network = try Models.named("compact-resnet")
    let start = try #require(network.backboneCount)
    let features = try network.prefix(start).build(on: Graph(), batch: 1, mode: .inference)
    let head = network.suffix(from: start, input: features.output.shape.channelsLast)
    #expect(
      try variables(network.prefix(start)).map(\.name) + variables(head).map(\.name)
        == variables(network).map(\.name))
  }
}
