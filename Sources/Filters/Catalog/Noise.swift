extension Filter {
  /// Gaussian noise.
  public static let noise = Filter(
    "noise", Parameter("SIGMA", "standard deviation in sample units", example: "10"),
    modifiers: [.seed], summary: "adds Gaussian noise, each sample its own",
    kernel: "x + N(0, SIGMA²)"
  ) { arguments throws(FilterError) in
    .own(
      Noise(
        kind: .gaussian(sigma: try number(arguments.value, of: "noise", in: 0...65_535)),
        seed: try arguments.seed()))
  }

  /// Black and white specks.
  public static let saltPepper = Filter(
    "salt-pepper", Parameter("P", "share of the pixels, as 0.05 or 5%", example: "0.05"),
    modifiers: [.seed], summary: "makes a share of the pixels black or white, half of it each",
    kernel: "0 or 255 with probability P"
  ) { arguments throws(FilterError) in
    let text = arguments.value
    let isPercent = text.hasSuffix("%")
    let share = try number(
      isPercent ? String(text.dropLast()) : text, of: "salt-pepper", in: 0...(isPercent ? 100 : 1))
    return .own(
      Noise(
        kind: .saltAndPepper(share: isPercent ? share / 100 : share), seed: try arguments.seed()))
  }
}

extension Filter.Modifier {
  static let seed = Filter.Modifier(
    "seed", "N", "noise: other noise for another number (default: 0)")
}

extension Filter.Arguments {
  fileprivate func seed() throws(FilterError) -> UInt64 {
    guard let text = self[.seed] else { return 0 }
    guard let seed = UInt64(text) else {
      throw .badArgument("seed \(text): give a whole number from 0")
    }
    return seed
  }
}
