import Graphs
import Tensors

/// The cells of the image that lie under a window, row by row.
private func cells(
  under i: Int, _ j: Int, window: Size2D, strides: Size2D, padding: EdgePadding, dilation: Size2D,
  in image: Shape
) -> [(row: Int, column: Int)] {
  var cells: [(row: Int, column: Int)] = []
  for u in 0..<window.height {
    for v in 0..<window.width {
      let row = i * strides.height + u * dilation.height - padding.top
      let column = j * strides.width + v * dilation.width - padding.left
      if 0 <= row, row < image[2], 0 <= column, column < image[3] { cells.append((row, column)) }
    }
  }
  return cells
}

extension MaxPool: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let x = inputs[0]
    var y = ReferenceTensor(outputShape(x.shape))
    for index in y.shape.indices {
      let place = winner(x, index)
      y[index] = place.map { x[index[0], index[1], $0.row, $0.column] } ?? -.infinity
    }
    return [y]
  }

  fileprivate func outputShape(_ image: Shape) -> Shape {
    func places(_ n: Int, _ f: Int, _ s: Int, _ d: Int, _ padding: Int) -> Int {
      (n + padding - d * (f - 1) - 1) / s + 1
    }
    return [
      image[0], image[1],
      places(
        image[2], window.height, strides.height, dilation.height, padding.top + padding.bottom),
      places(image[3], window.width, strides.width, dilation.width, padding.left + padding.right),
    ]
  }

  /// The first of the largest cells under the window of an output element.
  fileprivate func winner(_ x: ReferenceTensor, _ y: [Int]) -> (row: Int, column: Int)? {
    var best: (row: Int, column: Int)?
    let cells = cells(
      under: y[2], y[3], window: window, strides: strides, padding: padding, dilation: dilation,
      in: x.shape)
    for cell in cells {
      let value = x[y[0], y[1], cell.row, cell.column]
      if let known = best, value <= x[y[0], y[1], known.row, known.column] { continue }
      best = cell
    }
    return best
  }
}

extension MaxPoolGradient: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let (x, dy) = (inputs[0], inputs[1])
    var dx = ReferenceTensor(x.shape)
    for index in dy.shape.indices {
      guard let cell = pool.winner(x, index) else { continue }
      dx[index[0], index[1], cell.row, cell.column] += dy[index]
    }
    return [dx]
  }
}

extension AveragePool: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let x = inputs[0]
    let shape = MaxPool(window: window, strides: strides, padding: padding).outputShape(x.shape)
    var y = ReferenceTensor(shape)
    for index in shape.indices {
      let cells = cells(index, x.shape)
      let sum = cells.map { x[index[0], index[1], $0.row, $0.column] }.reduce(0, +)
      y[index] = sum / divisor(cells.count)
    }
    return [y]
  }

  fileprivate func cells(_ y: [Int], _ image: Shape) -> [(row: Int, column: Int)] {
    TestSupport.cells(
      under: y[2], y[3], window: window, strides: strides, padding: padding, dilation: 1,
      in: image)
  }

  fileprivate func divisor(_ cells: Int) -> Double {
    Double(countsPadding ? window.height * window.width : cells)
  }
}

extension AveragePoolGradient: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let dy = inputs[0]
    var dx = ReferenceTensor(inputShape)
    for index in dy.shape.indices {
      let cells = pool.cells(index, inputShape)
      for cell in cells {
        dx[index[0], index[1], cell.row, cell.column] += dy[index] / pool.divisor(cells.count)
      }
    }
    return [dx]
  }
}

extension Upsample: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let x = inputs[0]
    var y = ReferenceTensor([
      x.shape[0], x.shape[1], x.shape[2] * factor.height, x.shape[3] * factor.width,
    ])
    for index in y.shape.indices {
      for part in parts(index, x.shape) {
        y[index] += part.weight * x[index[0], index[1], part.row, part.column]
      }
    }
    return [y]
  }

  /// The input cells that an output element is made of, with their weights.
  fileprivate func parts(
    _ y: [Int], _ image: Shape
  ) -> [(row: Int, column: Int, weight: Double)] {
    if mode == .nearest { return [(y[2] / factor.height, y[3] / factor.width, 1)] }
    func neighbors(_ i: Int, _ factor: Int, _ extent: Int) -> [(Int, Double)] {
      let position = min(max((Double(i) + 0.5) / Double(factor) - 0.5, 0), Double(extent - 1))
      let lower = Int(position)
      let fraction = position - Double(lower)
      return [(lower, 1 - fraction), (min(lower + 1, extent - 1), fraction)]
    }
    return neighbors(y[2], factor.height, image[2]).flatMap { row, rowWeight in
      neighbors(y[3], factor.width, image[3]).map { ($0.0, $0.1) }.map { column, columnWeight in
        (row: row, column: column, weight: rowWeight * columnWeight)
      }
    }
  }
}

extension UpsampleGradient: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let dy = inputs[0]
    var dx = ReferenceTensor([
      dy.shape[0], dy.shape[1], dy.shape[2] / upsample.factor.height,
      dy.shape[3] / upsample.factor.width,
    ])
    let shape = dx.shape
    for index in dy.shape.indices {
      for part in upsample.parts(index, shape) {
        dx[index[0], index[1], part.row, part.column] += part.weight * dy[index]
      }
    }
    return [dx]
  }
}
