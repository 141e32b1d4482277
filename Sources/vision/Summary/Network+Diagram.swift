import Figures
import Networks
import Tensors

extension Network {
  /// The network as boxes with the shapes that come out of them: a layer with what normalizes and
  /// activates it is one box, and equal neighbors are drawn once.
  func diagram(title: String, _ summary: Summary) -> BlockDiagram {
    let outputs = Dictionary(
      summary.layers.map { ($0.name, Shape($0.output).description) },
      uniquingKeysWith: { first, _ in first })
    let input = BlockDiagram.Part.box(
      title: "input", detail: inputShape.description, group: DiagramGroup.other)
    let parts = [input] + folded(DiagramParts(outputs: outputs).parts(layers, below: ""))
    return BlockDiagram(title: title, parts: parts)
  }
}

/// What has one color.
private enum DiagramGroup {
  static let convolution = 0
  static let dense = 1
  static let pool = 2
  static let other = 6
}

private struct DiagramParts {
  /// The shape that comes out of each layer that is drawn, by its path.
  let outputs: [String: String]

  func parts(_ layers: [NamedLayer], below path: String) -> [BlockDiagram.Part] {
    var parts: [BlockDiagram.Part] = []
    for named in layers {
      let path = path.isEmpty ? named.name : "\(path).\(named.name)"
      switch named.layer {
      case let block as Sequential:
        parts += self.parts(block.layers, below: path)
      case let block as Residual:
        let flows = [block.body, block.shortcut]
        let paths = [path, "\(path).downsample"]
        parts.append(
          .branches(
            zip(flows, paths).map { folded(self.parts($0, below: $1)) },
            joint: block.activation == .linear ? "+" : "+ \(block.activation.name)"))
      case let block as Concatenate:
        parts.append(
          .branches(
            block.branches.map { folded(self.parts([$0], below: path)) }, joint: "concatenate"))
      case is Auxiliary: break
      case is BatchNorm, is ActivationLayer, is Dropout, is StochasticDepth:
        add(named.layer, below: path, to: &parts)
      default:
        let activation = Self.activation(of: named.layer)
        parts.append(
          .box(
            title: "\(named.layer)",
            detail: (outputs[path] ?? "") + (activation.map { " · \($0.name)" } ?? ""),
            group: Self.group(named.layer)))
      }
    }
    return parts
  }

  /// Names what follows a layer in the layer's own box; a box of its own where there is none.
  private func add(_ layer: any Layer, below path: String, to parts: inout [BlockDiagram.Part]) {
    guard case .box(let title, let detail, let group)? = parts.last else {
      return parts.append(
        .box(title: brief(layer), detail: outputs[path] ?? "", group: DiagramGroup.other))
    }
    parts[parts.count - 1] = .box(
      title: title, detail: "\(detail) · \(brief(layer))", group: group)
  }

  private func brief(_ layer: any Layer) -> String {
    switch layer {
    case let norm as BatchNorm:
      norm.activation == .linear ? "norm" : "norm, \(norm.activation.name)"
    case let activation as ActivationLayer: activation.activation.name
    case let dropout as Dropout: "dropout \(dropout.rate)"
    default: "\(layer)"
    }
  }

  /// What a layer applies to its result; nil where that is nothing.
  private static func activation(of layer: any Layer) -> Activation? {
    let activation: Activation? =
      switch layer {
      case let layer as Conv1D: layer.activation
      case let layer as Conv2D: layer.activation
      case let layer as Conv2DTranspose: layer.activation
      case let layer as SeparableConv2D: layer.activation
      case let layer as Dense: layer.activation
      default: nil
      }
    return activation == .linear ? nil : activation
  }

  private static func group(_ layer: any Layer) -> Int {
    switch layer {
    case is Conv1D, is Conv2D, is Conv2DTranspose, is SeparableConv2D: DiagramGroup.convolution
    case is Dense: DiagramGroup.dense
    case is MaxPool2D, is AveragePool2D, is SumPool2D, is GlobalAveragePool, is GlobalMaxPool,
      is AdaptiveAveragePool2D:
      DiagramGroup.pool
    default: DiagramGroup.other
    }
  }
}

/// Equal neighbors as one, with how often it is passed.
private func folded(_ parts: [BlockDiagram.Part]) -> [BlockDiagram.Part] {
  var result: [BlockDiagram.Part] = []
  var index = 0
  while index < parts.count {
    var end = index + 1
    while end < parts.count, parts[end] == parts[index] { end += 1 }
    result.append(
      end - index > 1 ? .repeated([parts[index]], times: end - index) : parts[index])
    index = end
  }
  return result
}
