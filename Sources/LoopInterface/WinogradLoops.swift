/// The tiles into which one channel block's plane of one image is cut for Winograd's minimal
/// filtering, and where their points lie.
///
/// A convolution of stride s sees its input as s × s phases (every s-th row and column), over each of
/// which it is a convolution of stride 1. The *fine* plane is that input, the *coarse* plane the
/// convolution's output; a tile is 4 × 4 pixels of the coarse plane and the windows of all
/// phases of the fine plane that they depend on. A pixel is a block of channels.
package struct WinogradTiles: Sendable {
  /// Pixels of the fine plane.
  package var fineRows, fineColumns: Int
  /// Pixels of the coarse plane.
  package var coarseRows, coarseColumns: Int
  /// The convolution's padding; above tiles that begin further down less by the fine rows before them, which is negative.
  package var top, left: Int
  /// Blocks of channels from one pixel to the next: 1 where blocks of channels have planes of their
  /// own, the number of blocks where the channels of a pixel lie together.
  package var finePixel = 1, coarsePixel = 1
  /// Floats from one point of a tile to the next.
  package var pointStride: Int
  /// Floats from one phase of a tile to the next.
  package var phaseStride: Int

  package init(
    fineRows: Int, fineColumns: Int, coarseRows: Int, coarseColumns: Int, top: Int, left: Int,
    pointStride: Int, phaseStride: Int
  ) {
    (self.fineRows, self.fineColumns) = (fineRows, fineColumns)
    (self.coarseRows, self.coarseColumns) = (coarseRows, coarseColumns)
    (self.top, self.left) = (top, left)
    (self.pointStride, self.phaseStride) = (pointStride, phaseStride)
  }

  /// Tiles along each side of the coarse plane.
  package var rows: Int { (coarseRows + 3) / 4 }
  package var columns: Int { (coarseColumns + 3) / 4 }
}

/// Where the kernels of a block of input by a block of output channels and their points lie.
package struct WinogradKernelOrder: Sendable {
  /// Taps along each side of the kernels, row by row, a float for each pair of channels; those that a filter has beyond
  /// are zero.
  package var side: Int
  /// Floats from one point to the next.
  package var pointStride: Int
  /// Floats from one phase to the next.
  package var phaseStride: Int

  package init(side: Int, pointStride: Int, phaseStride: Int) {
    (self.side, self.pointStride, self.phaseStride) = (side, pointStride, phaseStride)
  }

  /// Which of the taps lies there, if one does.
  @inline(__always)
  package func tap(_ row: Int, _ column: Int) -> Int? {
    row < side && column < side ? row &* side &+ column : nil
  }
}

/// What a Winograd convolution does to its results before it writes them.
package struct WinogradFinish {
  /// Added to each pixel: a number for each channel; nil for none.
  package var bias: UnsafePointer<Float>?
  /// Adds what the plane holds.
  package var adds: Bool
  /// max(x, slope · x) at the end; 1 for nothing.
  package var slope: Float

  package init(bias: UnsafePointer<Float>? = nil, adds: Bool = false, slope: Float = 1) {
    (self.bias, self.adds, self.slope) = (bias, adds, slope)
  }
}

/// The linear maps of Winograd's algorithm F(4 × 4, taps × taps) between planes and points
/// (A. Lavin, S. Gray: *Fast Algorithms for Convolutional Neural Networks*. 2015, arXiv 1509.09308,
/// §4.1): y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A, and the transposes of all of them for gradients.
///
/// The points of consecutive tiles lie a block of channels apart.
package struct WinogradLoops: Sendable {
  package typealias Floats = UnsafeMutablePointer<Float>
  package typealias FromPlane =
    @Sendable (_ points: Floats, _ plane: UnsafePointer<Float>, _ tiles: WinogradTiles) -> Void

  /// Channels in a block: 8 in the loops for AVX2, otherwise 16.
  package var channelBlock: Int
  /// Points along each side of a tile.
  package var points: Int
  /// Taps along each side of one phase's kernel.
  package var taps: Int
  /// The stride of the convolution.
  package var stride: Int
  /// Bᵀ d B of the windows d of a fine plane.
  package var fromFine: FromPlane
  /// A d Aᵀ of the tiles d of a coarse plane.
  package var fromCoarse: FromPlane
  /// Aᵀ m A of points m into a coarse plane.
  package var toCoarse:
    @Sendable (
      _ plane: Floats, _ points: UnsafePointer<Float>, _ tiles: WinogradTiles,
      _ finish: WinogradFinish
    ) -> Void
  /// Σ B m Bᵀ of points m, summed where windows overlap, into a fine plane.
  package var toFine:
    @Sendable (_ plane: Floats, _ points: UnsafePointer<Float>, _ tiles: WinogradTiles) -> Void
  /// G g Gᵀ for a block by a block of kernels g of all phases; `turns` exchanges the two.
  package var fromKernels:
    @Sendable (
      _ points: Floats, _ kernels: UnsafePointer<Float>, _ order: WinogradKernelOrder, _ turns: Bool
    ) -> Void
  /// Gᵀ m G into a block by a block of kernels, or added to them.
  package var toKernels:
    @Sendable (
      _ kernels: Floats, _ points: UnsafePointer<Float>, _ order: WinogradKernelOrder, _ adds: Bool
    ) -> Void

  package init(
    channelBlock: Int, points: Int, taps: Int, stride: Int, fromFine: @escaping FromPlane,
    fromCoarse: @escaping FromPlane,
    toCoarse:
      @escaping @Sendable (Floats, UnsafePointer<Float>, WinogradTiles, WinogradFinish) -> Void,
    toFine: @escaping @Sendable (Floats, UnsafePointer<Float>, WinogradTiles) -> Void,
    fromKernels:
      @escaping @Sendable (Floats, UnsafePointer<Float>, WinogradKernelOrder, Bool) -> Void,
    toKernels:
      @escaping @Sendable (Floats, UnsafePointer<Float>, WinogradKernelOrder, Bool) -> Void
  ) {
    self.channelBlock = channelBlock
    (self.points, self.taps, self.stride) = (points, taps, stride)
    self.fromFine = fromFine
    self.fromCoarse = fromCoarse
    self.toCoarse = toCoarse
    self.toFine = toFine
    self.fromKernels = fromKernels
    self.toKernels = toKernels
  }
}
