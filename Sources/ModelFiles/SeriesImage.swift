/// An image that is drawn of a series, a plane for each channel, so that a network for images can classify
/// it.
public struct SeriesImage: Sendable, Hashable, Codable {
  /// What is drawn.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// A bar for each step, from the middle up or down to the value.
    case bars
    /// The Gramian angular summation field: the cosine of the sum of two steps' angles (Z. Wang, T. Oates
    /// 2015, arXiv 1506.00327).
    case gaf
    /// The recurrence plot: how far the values of two steps are from each other (J.-P. Eckmann et al. 1987).
    case recurrence
  }

  public var kind: Kind
  /// Width and height in pixels.
  public var side: Int

  /// The sides that an image may have.
  public static let sides = 8...512

  public init(_ kind: Kind, side: Int) {
    self.kind = kind
    self.side = side
  }
}
