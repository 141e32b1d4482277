import Graphs

/// What one layer added to the graph.
public struct LayerSummary {
  /// The layer's place in the network: `layer1.0.conv1`.
  public let path: String
  /// The layer's type: `Conv2D`.
  public let type: String
  /// The layer as it was declared: `Conv2D(64, 3)`.
  public let declaration: String
  /// The layer's output.
  public let output: Node
  /// How many numbers are trained.
  public let parameters: Int
  /// How many numbers are kept without being trained (running statistics, whitening filters).
  public let buffers: Int
  /// Multiplications with an addition, for the whole batch; element-wise work is not counted.
  public let multiplyAdds: Int

  package init(
    path: String, type: String, declaration: String, output: Node, parameters: Int, buffers: Int,
    multiplyAdds: Int
  ) {
    self.path = path
    self.type = type
    self.declaration = declaration
    self.output = output
    self.parameters = parameters
    self.buffers = buffers
    self.multiplyAdds = multiplyAdds
  }
}
