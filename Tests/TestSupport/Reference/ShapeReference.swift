import Graphs
import Tensors

extension Reduce: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let x = inputs[0]
    let kept = Shape(
      x.shape.dimensions.enumerated().map { axes.contains($0.offset) ? 1 : $0.element })
    var groups = [[Double]](repeating: [], count: kept.count)
    let strides = kept.strides
    for index in x.shape.indices {
      let group = index.indices.reduce(0) {
        $0 + (axes.contains($1) ? 0 : index[$1] * strides[$1])
      }
      groups[group].append(x[index])
    }
    let values = groups.map { group in
      switch kind {
      case .sum: group.reduce(0, +)
      case .mean: group.reduce(0, +) / Double(group.count)
      case .max: group.contains(where: \.isNaN) ? .nan : group.max() ?? .nan
      case .min: group.contains(where: \.isNaN) ? .nan : group.min() ?? .nan
      case .product: group.reduce(1, *)
      }
    }
    let dropped = kept.dimensions.indices.filter { !axes.contains($0) }.map { kept[$0] }
    return [ReferenceTensor(keepsAxes ? kept : Shape(dropped), values)]
  }
}

extension Broadcast: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    [inputs[0].broadcast(to: shape)]
  }
}

extension Reshape: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    [ReferenceTensor(shape, inputs[0].values)]
  }
}

extension Transpose: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let x = inputs[0]
    var y = ReferenceTensor(Shape(permutation.map { x.shape[$0] }))
    for index in x.shape.indices { y[permutation.map { index[$0] }] = x[index] }
    return [y]
  }
}

extension Pad: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let x = inputs[0]
    var y = ReferenceTensor(
      Shape(x.shape.dimensions.indices.map { before[$0] + x.shape[$0] + after[$0] }))
    for index in y.shape.indices {
      let position = index.indices.map { index[$0] - before[$0] }
      if case .constant(let value) = mode {
        let isInside = position.indices.allSatisfy { (0..<x.shape[$0]).contains(position[$0]) }
        y[index] = isInside ? x[position] : Double(value)
      } else {
        y[index] = x[position.indices.map { walk(to: position[$0], extent: x.shape[$0]) }]
      }
    }
    return [y]
  }

  /// Steps along the axis, turning round or stopping at its ends.
  private func walk(to position: Int, extent: Int) -> Int {
    var place = position < 0 ? 0 : extent - 1
    if (0..<extent).contains(position) { return position }
    let steps = position < 0 ? -position : position - (extent - 1)
    for _ in 0..<steps where mode == .reflect101 { place += position < 0 ? 1 : -1 }
    return place
  }
}

extension Slice: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let shape = Shape(
      starts.indices.map { Array(stride(from: starts[$0], to: ends[$0], by: steps[$0])).count })
    var y = ReferenceTensor(shape)
    for index in shape.indices {
      y[index] = inputs[0][index.indices.map { starts[$0] + index[$0] * steps[$0] }]
    }
    return [y]
  }
}

extension SliceGradient: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    var dx = ReferenceTensor(inputShape)
    for index in inputs[0].shape.indices {
      dx[index.indices.map { slice.starts[$0] + index[$0] * slice.steps[$0] }] = inputs[0][index]
    }
    return [dx]
  }
}

extension Concatenate: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let extent = inputs.map { $0.shape[axis] }.reduce(0, +)
    var y = ReferenceTensor(inputs[0].shape.replacing(axis: axis, with: extent))
    var start = 0
    for input in inputs {
      for index in input.shape.indices {
        var target = index
        target[axis] += start
        y[target] = input[index]
      }
      start += input.shape[axis]
    }
    return [y]
  }
}

extension Gather: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let (x, indices) = (inputs[0], inputs[1])
    let leading = x.shape.dimensions[..<axis]
    let trailing = x.shape.dimensions[(axis + 1)...]
    var y = ReferenceTensor(Shape(leading + indices.shape.dimensions + trailing))
    for index in y.shape.indices {
      let number = indices[Array(index[axis..<axis + indices.shape.rank])]
      let isInside = number >= 0 && number < Double(x.shape[axis])
      y[index] =
        isInside
        ? x[Array(index[..<axis]) + [Int(number)] + Array(index[(axis + indices.shape.rank)...])]
        : .nan
    }
    return [y]
  }
}

extension GatherGradient: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let (dy, indices) = (inputs[0], inputs[1])
    var dx = ReferenceTensor(inputShape)
    for index in dy.shape.indices {
      let number = indices[Array(index[axis..<axis + indices.shape.rank])]
      guard number >= 0, number < Double(inputShape[axis]) else { continue }
      dx[Array(index[..<axis]) + [Int(number)] + Array(index[(axis + indices.shape.rank)...])] +=
        dy[index]
    }
    return [dx]
  }
}

extension Scatter: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    var y = inputs[0]
    for (number, row) in inputs[1].values.enumerated() {
      guard row >= 0, row < Double(y.shape[0]) else { continue }
      for index in inputs[2].shape.indices where index[0] == number {
        let target = [Int(row)] + index.dropFirst()
        let (old, update) = (y[target], inputs[2][index])
        switch kind {
        case .replace: y[target] = update
        case .add: y[target] = old + update
        case .multiply: y[target] = old * update
        case .maximum: y[target] = max(old, update)
        case .minimum: y[target] = min(old, update)
        }
      }
    }
    return [y]
  }
}

extension TopPlaces: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let x = inputs[0]
    var y = ReferenceTensor(x.shape.replacing(axis: axis, with: count))
    for index in x.shape.replacing(axis: axis, with: 1).indices {
      func place(_ number: Int) -> [Int] {
        var place = index
        place[axis] = number
        return place
      }
      var rest = Array(0..<x.shape[axis])
      for number in 0..<count {
        // The first of the best of those that are left.
        var best = rest[0]
        for candidate in rest.dropFirst() {
          let (value, known) = (x[place(candidate)], x[place(best)])
          if takesLargest ? value > known : value < known { best = candidate }
        }
        y[place(number)] = Double(best)
        rest.removeAll { $0 == best }
      }
    }
    return [y]
  }
}

extension CumulativeSum: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let x = inputs[0]
    var y = ReferenceTensor(x.shape)
    for index in x.shape.indices {
      for other in 0..<x.shape[axis] {
        let isBefore = isReversed ? other > index[axis] : other < index[axis]
        guard isBefore || other == index[axis] && !isExclusive else { continue }
        var place = index
        place[axis] = other
        y[index] += x[place]
      }
    }
    return [y]
  }
}
