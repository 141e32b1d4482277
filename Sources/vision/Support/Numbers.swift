import Files

/// A share with six digits behind the point, for programs.
func sixDecimals(_ share: Double) -> Double { (share * 1e6).rounded() / 1e6 }

/// A number as it is typed: `2`, `1.5`.
func plain(_ value: Double) -> String {
  value == value.rounded() && value.magnitude < 1e15 ? "\(Int(value))" : "\(value)"
}

/// A number of things: `1 epoch`, `2 epochs`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

/// A distance between sets of images: from 10 on with one digit behind the point, below with three.
///
/// - Parameter other: the distance that it is compared with, whose number of digits it takes.
func distanceText(_ value: Double, beside other: Double? = nil) -> String {
  fixed(value, decimals: (other ?? value).magnitude >= 10 ? 1 : 3)
}
