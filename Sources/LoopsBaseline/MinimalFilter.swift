/// One of Winograd's minimal filters F(4, taps): 4 outputs y of a kernel g over a window d of 3 + taps
/// values along an axis, by as many products: y = Aᵀ [(G g) ⊙ (Bᵀ d)].
///
/// The linear maps of §4.1 of A. Lavin, S. Gray: *Fast Algorithms for Convolutional Neural Networks*
/// (2015, arXiv 1509.09308) and their transposes, over values that lie `s` apart, into results that lie
/// `t` apart. All follow from the points, the last of which is ∞: row p of A is 1, p, p², p³ (of ∞:
/// 0, 0, 0, 1), row p of G is 1, p, … over Π (p − q), q the other points (of ∞: 0, …, 1), and row p of
/// Bᵀ the coefficients of Π (x − q) (of ∞: of Π (x − p)).
protocol MinimalFilter: SendableMetatype {
  typealias Values = UnsafePointer<PixelLanes>
  typealias Results = UnsafeMutablePointer<PixelLanes>

  static var taps: Int { get }
  /// The stride of the convolution: over each of its stride × stride phases it is one of stride 1.
  static var stride: Int { get }

  /// Bᵀ: points from points.
  static func window(_ d: Values, _ s: Int, _ m: Results, _ t: Int)
  /// B: points from points.
  static func windowTransposed(_ m: Values, _ s: Int, _ d: Results, _ t: Int)
  /// A: points from 4.
  static func tile(_ d: Values, _ s: Int, _ m: Results, _ t: Int)
  /// Aᵀ: 4 from points.
  static func tileTransposed(_ m: Values, _ s: Int, _ d: Results, _ t: Int)
  /// G: points from taps.
  static func kernel(_ g: Values, _ s: Int, _ m: Results, _ t: Int)
  /// Gᵀ: taps from points.
  static func kernelTransposed(_ m: Values, _ s: Int, _ g: Results, _ t: Int)
}

extension MinimalFilter {
  @inline(__always) static var points: Int { 3 + taps }
}
