import Files
import Filters
import Images

extension Filter {
  /// Emboss, lit from the lower right.
  static let relief = Filter(
    "relief", .kernel([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]),
    summary: "emboss, lit from the lower right")
}

extension Filter {
  /// Emboss of a given strength.
  static let strongRelief = Filter(
    "strong-relief", "S", "strength, from 0", summary: "emboss of strength S",
    kernel: "-2S -S 0 / -S 1 S / 0 S 2S", range: "as its weights"
  ) { text throws(FilterError) in
    guard let s = Double(text), s.isFinite, s >= 0 else {
      throw .badArgument("strength \(text): give a number from 0")
    }
    return .kernel([[-2 * s, -s, 0], [-s, 1, s], [0, s, 2 * s]])
  }
}

/// An embossed image in memory.
func relief(of image: Image) throws -> Image {
  let chain = FilterChain([
    try FilterStep(.strongRelief, "0.5", FilterOptions(border: .replicate)),
    try FilterStep(.gaussian, "0.8"),
  ])
  return try chain.apply(to: image, threads: processorCount)
}

/// The relief of an image of any size, row by row.
func writeRelief(of input: String, to output: String) throws {
  let rows = try FilterChain([FilterStep(.relief)]).source(over: ImageReader(path: input))
  try rows.write(path: output)
}
