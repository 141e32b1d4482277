import Files
import Graphs
import Tensors

/// A network in figures: each layer's output, parameters and multiply-adds, and their totals, for
/// one element.
public struct Summary: Sendable, Codable {
  /// One layer.
  public struct Row: Sendable, Codable, Hashable {
    /// The layer's place: `layer1.0.conv1`.
    public let name: String
    /// The layer's type: `Conv2D`.
    public let type: String
    /// The layer as declared: `Conv2D(64, 3)`.
    public let layer: String
    /// Height, width, channels; or features.
    public let output: [Int]
    /// How many numbers are trained.
    public let parameters: Int
    /// How many numbers are kept beside them without being trained, such as running statistics.
    public let buffers: Int
    /// Multiplications with an addition.
    public let multiplyAdds: Int
  }

  /// Height, width, channels; or features.
  public let input: [Int]
  /// One row a layer, in order.
  public let layers: [Row]
  /// How many numbers are trained in all.
  public let parameters: Int
  /// How many numbers are kept beside them in all.
  public let buffers: Int
  /// Multiplications with an addition in all.
  public let multiplyAdds: Int
}

extension Network {
  /// Builds the network for one element, without weights, and measures it.
  ///
  /// - Throws: the first layer that cannot take what it receives.
  public func summary() throws(NetworkError) -> Summary {
    let built = try build(on: Graph(), batch: 1, mode: .inference)
    let rows = built.layers.map { layer in
      Summary.Row(
        name: layer.path, type: layer.type, layer: layer.declaration,
        output: layer.output.shape.channelsLast.dimensions, parameters: layer.parameters,
        buffers: layer.buffers, multiplyAdds: layer.multiplyAdds)
    }
    return Summary(
      input: inputShape.dimensions, layers: rows,
      parameters: rows.map(\.parameters).reduce(0, saturatingSum),
      buffers: rows.map(\.buffers).reduce(0, saturatingSum),
      multiplyAdds: rows.map(\.multiplyAdds).reduce(0, saturatingSum))
  }
}

extension Summary {
  /// The summary as a table for people: one line a layer, figures aligned on the right.
  public var table: String {
    let header = ["name", "layer", "output", "parameters", "multiply-adds"]
    var lines = [["", "input", Shape(input).description, "", ""]]
    lines += layers.map { row in
      [
        row.name, row.layer, Shape(row.output).description, grouped(row.parameters),
        grouped(row.multiplyAdds),
      ]
    }
    let totals = ["total", "", "", grouped(parameters), grouped(multiplyAdds)]
    let table = TextTable(
      header: header, rows: lines + [totals], alignments: [.left, .left, .right, .right, .right])
    var text = table.lines
    let rule = String(repeating: "─", count: text.map(\.count).max() ?? 0)
    text.insert(rule, at: text.count - 1)
    text.insert(rule, at: 1)
    if buffers > 0 {
      text.append(
        "Non-trainable parameters: \(grouped(buffers)) (running statistics, fixed filters).")
    }
    return text.map { $0 + "\n" }.joined()
  }
}
