import Files
import ModelFiles

extension ModelCard {
  /// The card for people, one line a fact; what is not known is left out.
  var text: String {
    var facts = [("model", name), ("", summary)]
    if let input = preprocessing {
      func numbers(_ values: [Float]) -> String {
        values.map { fixed(Double($0), decimals: 3) }.joined(separator: " ")
      }
      facts.append(
        (
          "input",
          "\(input.height)×\(input.width)×\(input.channels), mean \(numbers(input.mean)), "
            + "std \(numbers(input.std))"
        ))
    }
    facts.append(("classes", classNames.joined(separator: ", ")))
    if !metrics.isEmpty {
      facts.append(("metrics", metricsText + (evaluatedOn.isEmpty ? "" : " (\(evaluatedOn))")))
    }
    facts += [
      ("data", data), ("command", command), ("license", license), ("limitations", limitations),
    ]
    let known = facts.filter { !$0.1.isEmpty }
    let width = known.map(\.0.count).max() ?? 0
    return known.map { fact, value in
      fact + String(repeating: " ", count: width - fact.count + 2) + printable(value) + "\n"
    }.joined()
  }

  /// "accuracy 99.67 %, loss 0.102, top-5 99.96 %": what everybody looks for first, then the rest by name.
  private var metricsText: String {
    let order = ["accuracy", "mean_average_precision", "loss", "top5"]
    let names =
      order.filter { metrics[$0] != nil } + metrics.keys.sorted().filter { !order.contains($0) }
    return names.map { name in
      let value = metrics[name] ?? .nan
      switch name {
      case "accuracy": return "accuracy \(percent(value, decimals: 2))"
      case "mean_average_precision": return "mAP \(percent(value, decimals: 2))"
      case "micro_f1", "macro_f1":
        return "\(name.prefix(5)) F1 \(percent(value, decimals: 2))"
      case "mean_iou": return "mean IoU \(percent(value, decimals: 2))"
      case "pixel_accuracy": return "pixel accuracy \(percent(value, decimals: 2))"
      case "top5": return "top-5 \(percent(value, decimals: 2))"
      default: return "\(name.replacing("_", with: " ")) \(fixed(value, decimals: 3))"
      }
    }.joined(separator: ", ")
  }
}
