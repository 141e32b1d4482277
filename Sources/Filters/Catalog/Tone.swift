import Glibc

extension Filter {
  /// A histogram spread over the full range.
  public static let equalize = Filter(
    "equalize", summary: "histogram equalization of luma",
    kernel: "cumulative share of samples ≤ x", normalization: "full range"
  ) { _ in .own(Equalize()) }

  /// Local equalization with limited contrast.
  public static let clahe = Filter(
    "clahe",
    Parameter("CLIP", "limit of a count, in multiples of the mean count; 0: none", example: "2"),
    modifiers: [.tiles],
    summary: "contrast-limited adaptive histogram equalization of luma",
    kernel: "equalization of tiles, interpolated", normalization: "full range"
  ) { arguments throws(FilterError) in
    guard let clip = Fraction(arguments.value)?.value, clip >= 0, clip <= 1e6 else {
      throw .badArgument("clahe \(arguments.value): give a number from 0")
    }
    return .own(
      CLAHE(clip: clip, tiles: try arguments.whole(.tiles, in: 1...CLAHE.mostTiles) ?? 8))
  }

  /// Lighter or darker by a share of the full range.
  public static let brightness = Filter(
    "brightness", "P", "what is added, in sample units or as a share of white: 20, -15%",
    summary: "lighter or darker by a constant", kernel: "x + P", range: "P…255 + P", example: "10%"
  ) { argument throws(FilterError) in
    let isShare = argument.hasSuffix("%")
    guard let number = Fraction(isShare ? argument.dropLast() : argument[...])?.value else {
      throw .badArgument("brightness \(argument): give a number, or a share as -15%")
    }
    return .own(
      PointMap("brightness \(argument)") { sample, white in
        sample + (isShare ? number / 100 * white : number)
      })
  }

  /// Away from mid-gray, or towards it.
  public static let contrast = Filter(
    "contrast", "F", "factor on the distance from mid-gray",
    summary: "contrast about mid-gray", kernel: "(x − 127.5) F + 127.5", range: "as its factor",
    example: "1.5"
  ) { argument throws(FilterError) in
    let factor = try number(argument, of: "contrast", in: 0...1000)
    return .own(
      PointMap("contrast \(factor)") { sample, white in
        (sample - white / 2) * factor + white / 2
      })
  }

  /// Brighter or darker in the middle.
  public static let gamma = Filter(
    "gamma", "G", "above 1 brightens, below 1 darkens",
    summary: "gamma correction", kernel: "255 (x/255)^(1/G)", example: "2.2"
  ) { argument throws(FilterError) in
    let gamma = try number(argument, of: "gamma", in: 0.01...100)
    return .own(
      PointMap("gamma \(gamma)") { sample, white in
        sample > 0 ? pow(sample / white, 1 / gamma) * white : sample
      })
  }

  /// Fewer levels.
  public static let posterize = Filter(
    "posterize", "N", "levels of each channel, 2 to 256",
    summary: "fewer levels in each channel", kernel: "nearest of N levels", example: "4"
  ) { argument throws(FilterError) in
    guard let levels = Int(argument), (2...256).contains(levels) else {
      throw .badArgument("posterize \(argument): give a whole number from 2 to 256")
    }
    let steps = Double(levels - 1)
    return .own(
      PointMap("posterize \(levels)") { sample, white in
        (sample / white * steps).rounded(.toNearestOrEven) / steps * white
      })
  }

  /// A part of the range stretched to all of it.
  public static let levels = Filter(
    "levels", "BLACK,WHITE[,GAMMA]", "samples that become black and white; gamma in between",
    summary: "stretches BLACK…WHITE to the full range",
    kernel: "255 ((x − BLACK) / (WHITE − BLACK))^(1/GAMMA)", example: "16,235"
  ) { argument throws(FilterError) in
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
      .map { Fraction($0)?.value }
    guard (2...3).contains(parts.count), let black = parts[0], let white = parts[1],
      black < white, let gamma = parts.count == 3 ? parts[2] : 1, (0.01...100).contains(gamma)
    else {
      throw .badArgument(
        "levels \(argument): give BLACK,WHITE or BLACK,WHITE,GAMMA, as 16,235 or 16,235,1.2; "
          + "BLACK is below WHITE, GAMMA from 0.01 to 100")
    }
    return .own(
      PointMap("levels \(argument)") { sample, full in
        let share = min(max((sample - black) / (white - black), 0), 1)
        return pow(share, 1 / gamma) * full
      })
  }

  /// The samples that occur stretched to the full range.
  public static let autocontrast = Filter(
    "autocontrast",
    summary: "stretches the samples that occur to the full range, all channels alike",
    kernel: "255 (x − min) / (max − min)", normalization: "full range"
  ) { _ in .own(AutoContrast()) }

  /// Brown tones.
  public static let sepia = Filter(
    "sepia", summary: "brown tones of old photographs (the matrix of CSS)",
    kernel: "R: .393 .769 .189; G: .349 .686 .168; B: .272 .534 .131"
  ) { _ in
    .own(
      ColorMatrix([
        [0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131],
      ]))
  }

  /// Stronger or weaker colors.
  public static let saturation = Filter(
    "saturation", "F", "factor on the distance from gray: 0 gives gray, 1 the image",
    summary: "stronger or weaker colors", kernel: "Y + F (x − Y)", range: "as its factor",
    example: "1.5"
  ) { argument throws(FilterError) in
    let factor = try number(argument, of: "saturation", in: 0...1000)
    let luma = [0.299, 0.587, 0.114]
    return .own(
      ColorMatrix(
        (0..<3).map { row in
          (0..<3).map { column in (1 - factor) * luma[column] + (row == column ? factor : 0) }
        }))
  }

  static func number(_ text: String, of name: String, in range: ClosedRange<Double>)
    throws(FilterError) -> Double
  {
    guard let number = Fraction(text)?.value, range.contains(number) else {
      throw .badArgument(
        "\(name) \(text): give a number from \(numberText(range.lowerBound)) to "
          + numberText(range.upperBound))
    }
    return number
  }
}

extension Filter.Modifier {
  static let tiles = Filter.Modifier(
    "tiles", "N", "CLAHE: tiles in both directions (default: 8)")
}
