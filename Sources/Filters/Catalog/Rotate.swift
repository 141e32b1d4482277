extension Filter {
  /// The image turned clockwise; quarter turns move pixels, other angles are interpolated linearly.
  public static let rotate = Filter(
    "rotate", Parameter("ANGLE", "degrees clockwise, from -360 to 360", example: "10"),
    modifiers: [.background],
    summary: "turned clockwise on a canvas that grows; corners are transparent unless told",
    kernel: "linear between the four pixels around", normalization: "weights sum to 1"
  ) { arguments throws(FilterError) in
    guard let angle = Fraction(arguments.value)?.value, angle.magnitude <= 360 else {
      throw .badArgument("rotate \(arguments.value): give degrees from -360 to 360")
    }
    return .own(Rotate(angle: angle, background: try arguments.background()))
  }
}
