import Images

/// What can be chosen for each step of a chain. The defaults are right for most.
///
/// A sum of a window goes through: `· scale`, `+ bias`, ReLU, output range, rounding (half to even;
/// box and average pooling: half up), in this order.
public struct FilterOptions: Sendable, Equatable {
  /// What lies outside the image; nil: reflect101.
  public var border: Border?
  /// Whether windows may reach outside the image; nil: same (pooling: always valid).
  public var padding: ConvolutionMode?
  /// Pixels between neighboring windows, in both directions; nil: 1 (pooling: the window's size).
  public var stride: Int?
  /// Factor on the window's sum, after the filter's own normalization.
  public var scale = 1.0
  /// Added after scaling, in units of the image's samples (0…255, 0…65,535, or 0…1 for float).
  public var bias = 0.0
  /// Whether negative results become 0 before the output range is applied.
  public var relu = false
  /// How results become samples.
  public var range = OutputRange.clamped
  /// What a gradient operator shows; nil: the magnitude. Meaningless for other filters.
  public var direction: GradientDirection?
  /// What alpha has to do with colors where neighbors mix; nil: weighted.
  public var alpha: AlphaHandling?
  /// Whether a blur or another size is computed in linear light, sRGB's curve undone.
  public var linear = false
  /// The part of the image that the filter is confined to; nil: all of it. Neighbors come from the whole
  /// image, statistics from the part.
  public var region: Region?
  /// An 8-bit gray image of the image's size that blends the result with what was there; nil: all is
  /// replaced. Statistics are taken where it is 128 or more.
  public var mask: Image?
  /// Whether the result is measured (see ``Measurements``).
  public var measures = false
  /// Whether the histogram of the result is to be drawn, which takes the measuring, too.
  public var drawsHistogram = false

  public init(
    border: Border? = nil, padding: ConvolutionMode? = nil, stride: Int? = nil, scale: Double = 1,
    bias: Double = 0, relu: Bool = false, range: OutputRange = .clamped,
    direction: GradientDirection? = nil, alpha: AlphaHandling? = nil, linear: Bool = false,
    region: Region? = nil, mask: Image? = nil, measures: Bool = false,
    drawsHistogram: Bool = false
  ) {
    self.border = border
    self.padding = padding
    self.stride = stride
    self.scale = scale
    self.bias = bias
    self.relu = relu
    self.range = range
    self.direction = direction
    self.alpha = alpha
    self.linear = linear
    self.region = region
    self.mask = mask
    self.measures = measures
    self.drawsHistogram = drawsHistogram
  }
}

extension FilterOptions {
  /// What can be chosen, by the words in which an error names it.
  enum Option: String, CaseIterable {
    case border = "a border"
    case padding, stride
    case scale = "a scale"
    case bias = "a bias"
    case relu = "ReLU"
    case range = "an output range"
    case direction
    case alpha
    case linear = "linear light"
  }

  /// Whether something else than the default was chosen.
  func isGiven(_ option: Option) -> Bool {
    let defaults = FilterOptions()
    return switch option {
    case .border: border != nil
    case .padding: padding != nil
    case .stride: stride != nil
    case .scale: scale != defaults.scale
    case .bias: bias != defaults.bias
    case .relu: relu
    case .range: range != defaults.range
    case .direction: direction != nil
    case .alpha: alpha != nil
    case .linear: linear
    }
  }
}

/// Whether a window may leave the image, as the mode of SciPy's `convolve2d`.
public enum ConvolutionMode: String, Sendable, CaseIterable {
  /// The image is extended by its border, so that with stride 1 the output has its size.
  case same
  /// Only windows that lie inside the image give an output.
  case valid
}

/// How results become samples. Float samples have no bounds: they are never clamped.
public enum OutputRange: String, Sendable, CaseIterable {
  /// Below 0 becomes 0, above the largest sample the largest. A signed result, as a gradient's x,
  /// shows its positive half.
  case clamped
  /// The sign is dropped, then clamped.
  case absolute
  /// The smallest result of the whole image (all color channels together) becomes 0 and the
  /// largest the largest sample (float: 1); an image of one value becomes 0. The results are needed
  /// twice, so a stream is held whole.
  case normalized
}

/// What alpha has to do with colors where a filter mixes neighbors.
public enum AlphaHandling: String, Sendable, CaseIterable {
  /// Colors are weighted by alpha, and alpha is filtered with them: what is invisible adds no color.
  /// Filters that take differences leave alpha as it is and see no edge in what is invisible.
  case weighted
  /// Each channel is filtered as it is stored, and alpha is carried through untouched.
  case straight
}

/// What a gradient operator shows of the two derivatives.
public enum GradientDirection: String, Sendable, CaseIterable {
  /// The correlation with the x kernel: positive where the image darkens to the right.
  case x
  /// The correlation with the y kernel (the x kernel transposed): positive where the image darkens
  /// downwards.
  case y
  /// √(x² + y²).
  case magnitude
  /// Where the image gets brighter: 0 to the right, then clockwise (downwards, left, upwards). A
  /// whole turn is 256 in 8-bit and 65,536 in 16-bit images (rounded, and a whole turn is 0 again)
  /// and 1 in float images. 0 where there is no gradient. Scale, bias, ReLU and range do not apply.
  case angle
}
