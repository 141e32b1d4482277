/// Loops over runs of floats, for what the network engine does itself.
///
/// Sums are taken in sixteen lanes that are added pairwise at the end, in every instruction set.
package struct TensorLoops: Sendable {
  package typealias Tile =
    @Sendable (
      _ operation: TileOperation, _ output: UnsafeMutablePointer<Float>,
      _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafePointer<Float>,
      _ count: Int, _ p: Float, _ q: Float
    ) -> Void
  package typealias Fold = @Sendable (_ values: UnsafePointer<Float>, _ count: Int) -> Float

  /// `output[i] = operation(a[i], b[i], c[i])`; the output may be one of the inputs.
  package var tile: Tile
  /// bfloat16 to float.
  package var widen:
    @Sendable (_ output: UnsafeMutablePointer<Float>, _ input: UnsafePointer<UInt16>, _ count: Int)
      -> Void
  /// Float to bfloat16, rounding half to even.
  package var narrow:
    @Sendable (_ output: UnsafeMutablePointer<UInt16>, _ input: UnsafePointer<Float>, _ count: Int)
      -> Void
  /// Σ x
  package var sum: Fold
  /// Σ (x − center)²
  package var squaredDistance:
    @Sendable (_ values: UnsafePointer<Float>, _ center: Float, _ count: Int) -> Float
  /// Σ x · y
  package var dot:
    @Sendable (_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ count: Int) -> Float
  package var maximum: Fold
  package var minimum: Fold
  package var product: Fold
  /// `sums[i] += values[r · stride + i]` over `rows` rows r of `count` floats each.
  package var addRows:
    @Sendable (
      _ sums: UnsafeMutablePointer<Float>, _ values: UnsafePointer<Float>, _ rows: Int,
      _ stride: Int, _ count: Int
    ) -> Void
  /// The index of the first value that is not finite, or `count`.
  package var firstNonFinite: @Sendable (_ values: UnsafePointer<Float>, _ count: Int) -> Int
  /// The optimizers' updates, in place.
  package var update: UpdateLoops
  /// Winograd's F(4 × 4, 2 × 2), over the phases of 4 × 4 kernels of stride 2.
  package var winograd42: WinogradLoops
  /// Winograd's F(4 × 4, 3 × 3), for 3 × 3 kernels of stride 1.
  package var winograd43: WinogradLoops
  /// Max pooling of max(0, x).
  package var pool: PoolLoops
  /// Products of matrices whose rows do not depend on each other.
  package var matrix: MatrixLoops

  package init(
    tile: @escaping Tile,
    widen: @escaping @Sendable (UnsafeMutablePointer<Float>, UnsafePointer<UInt16>, Int) -> Void,
    narrow: @escaping @Sendable (UnsafeMutablePointer<UInt16>, UnsafePointer<Float>, Int) -> Void,
    sum: @escaping Fold,
    squaredDistance: @escaping @Sendable (UnsafePointer<Float>, Float, Int) -> Float,
    dot: @escaping @Sendable (UnsafePointer<Float>, UnsafePointer<Float>, Int) -> Float,
    maximum: @escaping Fold, minimum: @escaping Fold, product: @escaping Fold,
    addRows:
      @escaping @Sendable (
        UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int, Int, Int
      ) -> Void,
    firstNonFinite: @escaping @Sendable (UnsafePointer<Float>, Int) -> Int,
    update: UpdateLoops, winograd42: WinogradLoops, winograd43: WinogradLoops, pool: PoolLoops,
    matrix: MatrixLoops
  ) {
    self.tile = tile
    self.widen = widen
    self.narrow = narrow
    self.sum = sum
    self.squaredDistance = squaredDistance
    self.dot = dot
    self.maximum = maximum
    self.minimum = minimum
    self.product = product
    self.addRows = addRows
    self.firstNonFinite = firstNonFinite
    self.update = update
    (self.winograd42, self.winograd43) = (winograd42, winograd43)
    self.pool = pool
    self.matrix = matrix
  }
}
