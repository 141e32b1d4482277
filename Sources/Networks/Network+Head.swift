import Tensors

/// Where a network's head begins: the layer whose outputs are the classes.
///
/// The head is the network's last dense layer or, where it has none, its last 2-D convolution, with
/// all that follows it.
extension Network {
  /// The same network with another number of outputs.
  ///
  /// - Parameter activation: what makes probabilities of them in place of the softmax or sigmoid that the
  ///   network ends in; where it ends in neither, a softmax is left out and another is added. Kept as it
  ///   is where nil.
  /// - Throws: where it has no layer whose outputs could become other classes.
  public func withClasses(
    _ classes: Int, activation: Activation? = nil
  ) throws(NetworkError) -> Network {
    let counts = layers.headCounts
    guard counts.total > 0 else {
      let last = layers.last.map { "; it ends in \($0.layer)" } ?? ""
      throw .network(
        "the network has no dense layer whose outputs could become other classes\(last)")
    }
    var place = 0
    let network = try replacingAuxiliaries(classes: classes).replacingLayers { layer in
      if counts.dense > 0, var last = layer as? Dense {
        place += 1
        last.units = place == counts.dense ? classes : last.units
        return last
      }
      if counts.dense == 0, var last = layer as? Conv2D {
        place += 1
        last.channels = place == counts.convolutions ? classes : last.channels
        return last
      }
      return layer
    }
    return activation.map(network.ending) ?? network
  }

  /// The same network with another softmax or sigmoid at its end.
  private func ending(in activation: Activation) -> Network {
    var layers = layers
    let isReplaced = { (kind: Activation) in kind == .softmax || kind == .sigmoid }
    if let last = layers.indices.last {
      if var end = layers[last].layer as? ActivationLayer, isReplaced(end.activation) {
        end.activation = activation
        layers[last].layer = end
        return Network(inputs: inputs, layers: layers)
      }
      if var end = layers[last].layer as? Dense, isReplaced(end.activation) {
        end.activation = activation
        layers[last].layer = end
        return Network(inputs: inputs, layers: layers)
      }
    }
    if activation != .softmax {
      layers.append(ActivationLayer(activation).named("\(activation)"))
    }
    return Network(inputs: inputs, layers: layers)
  }

  /// The same network whose auxiliary classifiers have another number of outputs.
  private func replacingAuxiliaries(classes: Int) throws(NetworkError) -> Network {
    var changed = layers
    for (index, named) in layers.enumerated() {
      guard var auxiliary = named.layer as? Auxiliary else { continue }
      auxiliary.layers =
        try Network(input: inputShape, layers: auxiliary.layers).withClasses(classes).layers
      changed[index].layer = auxiliary
    }
    return Network(inputs: inputs, layers: changed)
  }

  /// How many of the outermost layers come before the head: all that make the features. Dropout right
  /// before the head belongs to it. nil where there is no head.
  public var backboneCount: Int? {
    let hasDense = layers.headCounts.dense > 0
    let head = layers.lastIndex { layer in
      let counts = [layer].headCounts
      return hasDense ? counts.dense > 0 : counts.convolutions > 0
    }
    guard var start = head else { return nil }
    while start > 0, layers[start - 1].layer is Dropout { start -= 1 }
    return start
  }

  /// The layers before the head as a network of their own: none where there is no head.
  public var backbone: Network { prefix(backboneCount ?? 0) }

  /// The first of the outermost layers as a network of their own.
  public func prefix(_ count: Int) -> Network {
    Network(inputs: inputs, layers: Array(layers.prefix(count)))
  }

  /// The outermost layers from one on as a network of their own, with the names they have here.
  ///
  /// - Parameter input: what the layers before make of one element, H×W×C or F.
  public func suffix(from start: Int, input: Shape) -> Network {
    Network(input: input, layers: Array(layers.dropFirst(start)))
  }
}

extension [NamedLayer] {
  /// The layers, at any depth, that a head could be.
  fileprivate var headCounts: (dense: Int, convolutions: Int, total: Int) {
    var (dense, convolutions) = (0, 0)
    _ = replacing { layer in
      if layer is Dense { dense += 1 }
      if layer is Conv2D { convolutions += 1 }
      return layer
    }
    return (dense, convolutions, dense + convolutions)
  }
}
