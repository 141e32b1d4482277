import Tensors

/// One of the tensors that a network takes.
public struct NetworkInput: Sendable, Hashable, Codable {
  /// How the network's layers and the graph call it.
  public var name: String
  /// One element of a batch: height × width × channels, length × channels, or features.
  public var shape: Shape

  public init(_ name: String, _ shape: Shape) {
    self.name = name
    self.shape = shape
  }

  private enum CodingKeys: CodingKey { case name, shape }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(String.self, forKey: .name)
    shape = Shape(try container.decode([Int].self, forKey: .shape))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(shape.dimensions, forKey: .shape)
  }
}
