import ModelFiles

extension ModelCard {
  /// The card for people, one line a fact; what is not known is left out.
  var text: String {
    var facts = [("model", name), ("", summary)]
    if let input = preprocessing {
      let sizes = "\(input.height)×\(input.width)×\(input.channels)"
      facts.append(("input", "\(sizes), mean \(input.mean), std \(input.std)"))
    }
    facts.append(("classes", classNames.joined(separator: ", ")))
    for (measure, value) in metrics.sorted(by: { $0.key < $1.key }) {
      facts.append((measure, "\(value)" + (evaluatedOn.isEmpty ? "" : " on \(evaluatedOn)")))
    }
    facts += [
      ("data", data), ("command", command), ("license", license),
      ("limitations", limitations),
    ]
    let known = facts.filter { !$0.1.isEmpty }
    let width = known.map(\.0.count).max() ?? 0
    return known.map { fact, value in
      fact + String(repeating: " ", count: width - fact.count + 2) + value + "\n"
    }.joined()
  }
}
