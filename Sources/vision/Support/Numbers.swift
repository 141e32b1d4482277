/// A share with six digits behind the point, for programs.
func sixDecimals(_ share: Double) -> Double { (share * 1e6).rounded() / 1e6 }

/// A number of things: `1 epoch`, `2 epochs`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
