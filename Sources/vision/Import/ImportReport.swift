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
  let unexpectedKeys: [String]
  let prefix: String
  /// Under which name of a checkpoint the weights lie, and what else it holds.
  let part: String
  let otherParts: [String]
  let passedOver: [String]
  let output: String

  init(_ found: WeightImport, weights: String, output: String) {
    classes = found.classCount
    input = found.network.inputShape.dimensions
    matched = found.match.pairs.map {
      Pair(
        variable: $0.variable, tensor: $0.tensor, by: $0.reason.rawValue,
        transposed: $0.isTransposed)
    }
    unexpectedKeys = found.unusedTensors
    prefix = found.match.prefix
    (part, otherParts, passedOver) = (found.part, found.otherParts, found.passedOver)
    self.output = output
  }

  var text: String {
    let byName = matched.filter { $0.by == "name" }
    var lines = ["\(classes) classes, input \(input.map(String.init).joined(separator: "×"))"]
    if !part.isEmpty {
      lines.append(
        "weights: \(part)"
          + (otherParts.isEmpty
            ? "" : "; --part takes another: \(otherParts.joined(separator: ", "))"))
    }
    lines.append(
      "\(byName.count) of \(matched.count) tensors matched by name"
        + (prefix.isEmpty ? "" : ", after removing the prefix \"\(prefix)\""))
    lines += matched.filter { $0.by != "name" }.map {
      "\($0.variable) ← \($0.tensor) (by \($0.by))"
    }
    lines += matched.filter(\.transposed).map { "\($0.tensor) transposed to [out, in]" }
    if !unexpectedKeys.isEmpty {
      lines.append("unused tensors: \(unexpectedKeys.joined(separator: ", "))")
    }
    if !passedOver.isEmpty {
      lines.append("skipped, not tensors: \(passedOver.joined(separator: ", "))")
    }
    lines.append("model: \(output)")
    return lines.map { $0 + "\n" }.joined()
  }
}
