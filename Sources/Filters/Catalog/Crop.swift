extension Filter {
  /// A part of the image, in upright coordinates.
  public static let crop = Filter(
    "crop", Parameter("X,Y,W,H", "left, top, width and height in pixels", example: "0,0,3,2"),
    summary: "a part of the image", kernel: "the pixel at x + X, y + Y"
  ) { arguments throws(FilterError) in .own(Crop(region: try Region(arguments.value))) }

  /// A larger canvas.
  public static let pad = Filter(
    "pad", Parameter("N", "pixels on all sides, or LEFT,TOP,RIGHT,BOTTOM", example: "2"),
    modifiers: [.background],
    summary: "a larger canvas: a background, or with --border what the border puts there",
    kernel: "the pixel at x − LEFT, y − TOP"
  ) { arguments throws(FilterError) in
    let sides = arguments.value.split(separator: ",", omittingEmptySubsequences: false)
      .map { Int($0) }
    let limits = 0...Operation.largestWindow
    guard sides.count == 1 || sides.count == 4,
      sides.allSatisfy({ $0.map(limits.contains) ?? false })
    else {
      throw .badArgument(
        "pad \(arguments.value): give N or LEFT,TOP,RIGHT,BOTTOM, whole numbers from 0 to "
          + "\(limits.upperBound)")
    }
    let all = sides.compactMap { $0 }
    let four = all.count == 4 ? all : Array(repeating: all[0], count: 4)
    return .own(
      Pad(
        left: four[0], top: four[1], right: four[2], bottom: four[3],
        background: try arguments.background()))
  }

  /// The image without its margin.
  public static let trim = Filter(
    "trim",
    Parameter(
      "[TOLERANCE]", "how far samples may lie from the top-left pixel's; 0 unless given",
      example: "10", isOptional: true),
    summary: "cuts off margins of the top-left pixel's color", kernel: "|x − x₀| ≤ TOLERANCE"
  ) { arguments throws(FilterError) in
    guard let tolerance = arguments.value.isEmpty ? 0 : Fraction(arguments.value)?.value,
      tolerance >= 0
    else {
      throw .badArgument("trim tolerance \(arguments.value): give a number from 0 on")
    }
    return .own(Trim(tolerance: tolerance))
  }
}
