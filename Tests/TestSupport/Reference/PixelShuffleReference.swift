import Graphs

extension DepthToSpace: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let x = inputs[0]
    var y = ReferenceTensor([
      x.shape[0], x.shape[1] / (factor * factor), x.shape[2] * factor, x.shape[3] * factor,
    ])
    for i in x.shape.indices {
      let (channel, place) = i[1].quotientAndRemainder(dividingBy: factor * factor)
      y[i[0], channel, i[2] * factor + place / factor, i[3] * factor + place % factor] = x[i]
    }
    return [y]
  }
}

extension SpaceToDepth: ReferenceOperation {
  func evaluate(_ inputs: [ReferenceTensor]) -> [ReferenceTensor] {
    let x = inputs[0]
    var y = ReferenceTensor([
      x.shape[0], x.shape[1] * factor * factor, x.shape[2] / factor, x.shape[3] / factor,
    ])
    for i in x.shape.indices {
      let place = i[2] % factor * factor + i[3] % factor
      y[i[0], i[1] * factor * factor + place, i[2] / factor, i[3] / factor] = x[i]
    }
    return [y]
  }
}
