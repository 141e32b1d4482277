/// A number as people read it: so many decimals, thousands apart: `12,066.50`. What is
/// too large for that, or no number, as Swift writes it.
package func fixed(_ value: Double, decimals: Int) -> String {
  let decimals = min(max(decimals, 0), 9)
  var scale = 1.0
  for _ in 0..<decimals { scale *= 10 }
  let scaled = (value.magnitude * scale).rounded()
  guard scaled < 1e15 else { return "\(value)" }
  let whole = Int(scaled)
  let divisor = Int(scale)
  let groups = grouped(whole / divisor)
  let sign = value < 0 && whole != 0 ? "−" : ""
  guard decimals > 0 else { return sign + groups }
  let fraction = String(whole % divisor)
  return sign + groups + "." + String(repeating: "0", count: decimals - fraction.count) + fraction
}

/// A fraction, 0…1, in percent with one decimal: `91.5 %`.
package func percent(_ share: Double, decimals: Int = 1) -> String {
  fixed(share * 100, decimals: decimals) + " %"
}

/// A whole number from 0 with a comma between thousands: `93,322`.
package func grouped(_ number: Int) -> String {
  var groups = String(number)
  var position = groups.count - 3
  while position > 0 {
    groups.insert(",", at: groups.index(groups.startIndex, offsetBy: position))
    position -= 3
  }
  return groups
}

/// A duration as a person writes it: `48 s`, `3 min 20 s`, `2 h 05 min`.
package func durationText(seconds: Double) -> String {
  guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "–" }
  let whole = Int(seconds.rounded())
  func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
  if whole < 60 { return "\(whole) s" }
  if whole < 3600 { return "\(whole / 60) min \(padded(whole % 60)) s" }
  return "\(whole / 3600) h \(padded(whole % 3600 / 60)) min"
}
