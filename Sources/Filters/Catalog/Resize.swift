import Images

extension Filter {
  /// The image in another size.
  ///
  /// Pixel centers lie at half numbers; kernels widen when the image gets smaller, and the weights
  /// inside the image add up to 1 (as in Pillow). Colors are weighed by alpha.
  public static let resize = Filter(
    "resize",
    Parameter(
      "SIZE", "W or Wx (width), xH (height), WxH (a box that it fits into) or P% of both sides",
      example: "50%"),
    modifiers: [.interpolation, .fit, .background],
    summary: "the image in another size", kernel: "area when smaller, Lanczos-3 when larger",
    normalization: "weights sum to 1"
  ) { arguments throws(FilterError) in
    .own(
      Resize(
        size: try Resize.Size(arguments.value), fit: try arguments.choice(.fit) ?? .inside,
        resampling: try arguments.choice(.interpolation), background: try arguments.background()))
  }

  /// A small image that fits into a square; never larger than the image.
  public static let thumbnail = Filter(
    "thumbnail", Parameter("N", "sides of the box in pixels", example: "64"),
    summary: "fits the image into an N × N box, never enlarged; JPEGs are decoded smaller",
    kernel: "area", normalization: "weights sum to 1"
  ) { arguments throws(FilterError) in
    guard let side = Int(arguments.value), (1...Operation.largestWindow).contains(side) else {
      throw .badArgument(
        "thumbnail \(arguments.value): give a whole number from 1 to \(Operation.largestWindow)")
    }
    return .own(Thumbnail(side: side))
  }
}

extension Filter.Modifier {
  static let interpolation = Filter.Modifier(
    "interpolation", "I",
    "resizing: area (when smaller), linear, cubic, lanczos (when larger) or nearest",
    values: Resampling.allCases.map(\.rawValue))
  static let fit = Filter.Modifier(
    "fit", "F", "resizing to WxH: inside (default), crop, pad or stretch",
    values: Resize.Fit.allCases.map(\.rawValue))
}
