import ArgumentParser

/// A number of things, typed with an optional suffix: `250M`.
struct Quantity: ExpressibleByArgument, Equatable {
  let value: Int

  init(_ value: Int) { self.value = value }

  /// Thousands: k, M, G.
  init?(argument: String) { self.init(argument, base: 1000) }

  fileprivate init?(_ text: String, base: Int) {
    var digits = Substring(text)
    var factor = 1
    if let suffix = digits.last,
      let power = ["k", "m", "g", "t"].firstIndex(of: suffix.lowercased())
    {
      digits.removeLast()
      for _ in 0...power { factor *= base }
    }
    guard let count = Int(digits), count > 0 else { return nil }
    let (value, overflows) = count.multipliedReportingOverflow(by: factor)
    self.value = overflows ? .max : value
  }
}

/// An amount of memory, typed as bytes with an optional suffix in powers of 1024: `2G`, `512MiB`.
struct ByteCount: ExpressibleByArgument, Equatable {
  let value: Int

  init(_ value: Int) { self.value = value }

  init?(argument: String) {
    var text = argument
    for unit in ["ib", "b"] where text.lowercased().hasSuffix(unit) {
      text.removeLast(unit.count)
      break
    }
    guard let quantity = Quantity(text, base: 1024) else { return nil }
    value = quantity.value
  }
}
