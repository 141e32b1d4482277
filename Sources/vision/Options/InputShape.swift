import ArgumentParser
import Tensors

/// A shape typed as `28x28x1`; `×` works too.
struct InputShape: ExpressibleByArgument {
  let shape: Shape

  init?(argument: String) {
    let parts = argument.split(omittingEmptySubsequences: false) { $0 == "x" || $0 == "×" }
    let extents = parts.compactMap { Int($0) }
    guard extents.count == parts.count, (1...3).contains(extents.count),
      extents.allSatisfy({ $0 > 0 })
    else { return nil }
    shape = Shape(extents)
  }
}
