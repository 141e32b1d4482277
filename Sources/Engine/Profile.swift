extension Plan {
  /// How long each step took on average, slowest first, as lines for people; empty unless the plan
  /// was made with `profiles`.
  public var profile: String {
    let timed = timings.filter { $0.runs > 0 }.sorted { $0.nanoseconds > $1.nanoseconds }
    let total = timed.reduce(0) { $0 + $1.nanoseconds / UInt64($1.runs) }
    guard total > 0 else { return "" }
    var lines = ["     µs  share  operation"]
    for timing in timed {
      let mean = timing.nanoseconds / UInt64(timing.runs)
      let share = Double(mean * 1000 / total) / 10
      lines.append(
        "\(pad(String(mean / 1000), 7))\(pad("\(share)%", 7))  \(timing.name) "
          + "[\(timing.implementation)]" + (timing.label.map { "  \($0)" } ?? ""))
    }
    lines.append("\(pad(String(total / 1000), 7))         all")
    return lines.joined(separator: "\n")
  }
}

private func pad(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(0, width - text.count)) + text
}
