extension Filter {
  /// A blur that keeps edges.
  public static let bilateral = Filter(
    "bilateral", "D,SIGMA_COLOR,SIGMA_SPACE",
    "diameter in pixels, standard deviations of color (in sample units) and distance (in pixels)",
    summary: "bilateral filter: a blur that keeps edges",
    kernel: "exp(−d² / 2 SIGMA_COLOR² − r² / 2 SIGMA_SPACE²) on a disc of radius ⌊D/2⌋",
    normalization: "weights sum to 1", example: "9,50,50"
  ) { argument throws(FilterError) in
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 3, let diameter = Int(parts[0]),
      (1...Bilateral.largestDiameter).contains(diameter),
      let color = Double(parts[1]), color > 0, color <= 1e6,
      let space = Double(parts[2]), space > 0, space <= 1e6
    else {
      throw .badArgument(
        "bilateral \(argument): give D,SIGMA_COLOR,SIGMA_SPACE, as 9,50,50; D is a whole number "
          + "from 1 to \(Bilateral.largestDiameter), the others are above 0")
    }
    return .own(Bilateral(diameter: diameter, sigmaColor: color, sigmaSpace: space))
  }
}
