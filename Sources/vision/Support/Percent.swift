/// A share, 0…1, as per cent with one digit behind the point, as people read it: `91.5 %`.
func percent(_ share: Double) -> String {
  let tenths = Int((min(max(share, 0), 1) * 1000).rounded())
  return "\(tenths / 10).\(tenths % 10) %"
}

/// A share with six digits behind the point, for programs.
func sixDecimals(_ share: Double) -> Double { (share * 1e6).rounded() / 1e6 }

/// A number of things: `1 epoch`, `2 epochs`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
