import Graphs
import Tensors

extension Recurrence: ExportableOperation {
  func write(_ vertex: VertexExport) throws(ONNXError) {
    let writer = vertex.writer
    let units = vertex.inputs[places.recurrentWeight].shape[1]
    let x = vertex.input(places.x)
    // Parts in the file's order: i o f c of an LSTM, z r h of a GRU. A coupled cell's f is not read.
    let (type, order): (String, [Int]) =
      switch cell {
      case .simple: ("RNN", [0])
      case .lstm(_, let coupled): ("LSTM", coupled ? [0, 2, 0, 1] : [0, 3, 1, 2])
      case .gru: ("GRU", [0, 1, 2])
      }
    func ordered(_ name: String, _ parts: Int, _ order: [Int], columns: Int?) -> String {
      let inner = columns.map { [$0] } ?? []
      var result = vertex.step("Reshape", [name, writer.constant([parts, units] + inner)])
      if order != Array(0..<parts) {
        result = vertex.step(
          "Gather", [result, writer.constant(order)], [.integer("axis", 0)])
      }
      return vertex.step("Reshape", [result, writer.constant([1, order.count * units] + inner)])
    }
    let bias = ordered(vertex.input(places.bias), cell.gates, order, columns: nil)
    let second =
      places.recurrentBias.map {
        ordered(vertex.input($0), cell.gates, order, columns: nil)
      }
      ?? writer.constant(
        [Float](repeating: 0, count: order.count * units), [1, order.count * units])
    var inputs = [
      x,
      ordered(
        vertex.input(places.weight), cell.gates, order,
        columns: vertex.inputs[places.weight].shape[1]),
      ordered(vertex.input(places.recurrentWeight), cell.gates, order, columns: units),
      vertex.step("Concat", [bias, second], [.integer("axis", 1)]),
    ]
    inputs.append(
      places.lengths.map {
        vertex.step(
          "Cast", [vertex.input($0)], [.integer("to", ONNXElement.int32.rawValue)])
      } ?? "")
    func state(_ place: Int?) -> String {
      place.map { vertex.step("Unsqueeze", [vertex.input($0), writer.constant([0])]) } ?? ""
    }
    inputs.append(state(places.h))
    if cell.hasState {
      inputs.append(state(places.c))
      if let place = places.peepholes {
        inputs.append(
          ordered(
            vertex.input(place), cell.peepholes, cell.peepholes == 3 ? [0, 2, 1] : [0, 1, 0],
            columns: nil))
      }
    }
    while inputs.last == "" { inputs.removeLast() }

    var attributes = [ProtoAttribute.integer("hidden_size", units)]
    if isReversed { attributes.append(.text("direction", "reverse")) }
    if let clip { attributes.append(.float("clip", clip)) }
    switch cell {
    case .simple(let rectifies):
      attributes.append(.texts("activations", [rectifies ? "Relu" : "Tanh"]))
    case .lstm(_, let coupled): if coupled { attributes.append(.integer("input_forget", 1)) }
    case .gru(let resetAfter):
      if resetAfter { attributes.append(.integer("linear_before_reset", 1)) }
    }
    let base = "\(vertex.vertex.label ?? "value")_\(vertex.index)"
    let names = (0..<(cell.hasState ? 3 : 2)).map { writer.unique("\(base)_\(type)_\($0)") }
    writer.append(type, inputs, names, label: vertex.vertex.label, attributes)
    for (place, name) in names.enumerated() {
      let output = writer.unique("\(base)_\(place)")
      writer.append(
        "Squeeze", [name, writer.constant([place == 0 ? 1 : 0])], [output],
        label: vertex.vertex.label)
      writer.give(output, to: vertex.outputs[place])
    }
  }
}
