import ArgumentParser

/// Numbers with commas between them.
struct NumberList: ExpressibleByArgument {
  let numbers: [Float]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    numbers = parts.compactMap { Float($0) }.filter(\.isFinite)
    guard numbers.count == parts.count else { return nil }
  }
}

/// `old=new`.
struct Rename: ExpressibleByArgument {
  let old: String
  let new: String

  init?(argument: String) {
    guard let sign = argument.firstIndex(of: "=") else { return nil }
    old = String(argument[..<sign])
    new = String(argument[argument.index(after: sign)...])
  }
}
