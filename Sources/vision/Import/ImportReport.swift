import Inference
import ModelFiles

/// What `vision import` says: for people, or as JSON.
struct ImportReport: Encodable {
  struct Pair: Encodable {
    var variable: String
    var tensor: String
    var by: String
    var transposed: Bool
  }
  let classes: Int
  let input: [Int]
  let matched: [Pair]
  let leftOver: [String]
  let prefix: String
  let output: String

  init(_ found: WeightImport, weights: String, output: String) {
    classes = found.classCount
    input = found.network.inputShape.dimensions
    matched = found.match.pairs.map {
      Pair(
        variable: $0.variable, tensor: $0.tensor, by: $0.reason.rawValue,
        transposed: $0.isTransposed)
    }
    leftOver = found.match.leftOver
    prefix = found.match.prefix
    self.output = output
  }

  var text: String {
    let byName = matched.filter { $0.by == "name" }
    var lines = ["\(classes) classes, input \(input.map(String.init).joined(separator: "×"))"]
    lines.append(
      "\(byName.count) of \(matched.count) tensors matched by name"
        + (prefix.isEmpty ? "" : ", without the beginning \"\(prefix)\""))
    lines += matched.filter { $0.by != "name" }.map {
      "\($0.variable) is \($0.tensor), by \($0.by)"
    }
    lines += matched.filter(\.transposed).map { "\($0.tensor) was turned to [out, in]" }
    if !leftOver.isEmpty { lines.append("left over: \(leftOver.joined(separator: ", "))") }
    lines.append("model: \(output)")
    return lines.map { $0 + "\n" }.joined()
  }
}
