import Files

/// How a file is read.
public struct ReadOptions: Sendable, Equatable {
  /// How large the image may be.
  public var limits: Limits
  /// Whether a file that is cut off or damaged gives what can be had of it, with a warning, instead of
  /// an error. Rows of a PNG that are missing are zero (black); those of a JPEG are what libjpeg fills
  /// in (gray, or the coarse image that came before), or black where it cannot go on. Rows that came
  /// before the damage stay.
  public var lenient: Bool
  /// Whether the image is turned as its EXIF orientation says.
  public var appliesOrientation: Bool
  /// How many pixels the shorter side needs at least; nil for all that there are. A JPEG may then come
  /// with its sides halved once, twice or three times, which saves most of the decoding of a large
  /// photo; an ``Image`` is made of the means of squares of pixels while rows come, so that it takes
  /// little memory.
  public var sufficientSide: Int?
  /// The same for the longer side.
  public var sufficientLongSide: Int?
  /// Whether a PNG with a palette comes as its indices, one gray sample each, rather than as the palette's
  /// colors: those of a mask are the numbers of classes.
  public var keepsIndices: Bool
  /// Looked at while the file is decoded, whose reading ends with an error once nobody waits for it.
  public var cancellation: Cancellation?

  public init(
    limits: Limits = .standard, lenient: Bool = false, appliesOrientation: Bool = true,
    sufficientSide: Int? = nil, sufficientLongSide: Int? = nil,
    keepsIndices: Bool = false
  ) {
    self.limits = limits
    self.lenient = lenient
    self.appliesOrientation = appliesOrientation
    self.sufficientSide = sufficientSide
    self.sufficientLongSide = sufficientLongSide
    self.keepsIndices = keepsIndices
  }
}
