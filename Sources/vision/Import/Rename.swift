import ArgumentParser

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
