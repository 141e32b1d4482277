extension Filter {
  /// Every filter, in the order in which it is shown.
  public static let catalog: [Filter] = [
    identity, edge, edge8, laplacian, sharpen, sharpen8, strongEdge, blur, box, gaussian,
    prewitt, sobel, scharr, roberts, kirsch, log, dog, canny, custom, unsharp, median, bilateral,
    minimum, maximum, erode, dilate, open, close, morphologicalGradient, topHat, blackHat, maxPool,
    averagePool, sumPool, gray, threshold, adaptiveThreshold, equalize, clahe, brightness, contrast,
    gamma, levels, autocontrast, saturation, sepia, posterize, noise, saltPepper,
    invert, resize, thumbnail, crop, pad, trim, rotate, flip, flop, transpose,
  ]

  /// The filter of that name.
  public static func named(_ name: String) -> Filter? { catalog.first { $0.name == name } }
}

extension Operation {
  /// The largest side of a box or pooling window.
  public static let largestWindow = 65_535
  /// The largest standard deviation of a Gaussian.
  public static let largestSigma = 1_000.0
}
