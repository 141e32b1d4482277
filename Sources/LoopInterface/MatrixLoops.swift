/// Products of matrices whose every element is one sum, taken in one order: that of the inner index, from
/// what it begins with. A row of the result therefore has the same bits whatever rows stand beside it.
///
/// Products are fused with their sums where the instruction set can, so sets differ in the last bits.
package struct MatrixLoops: Sendable {
  package typealias Floats = UnsafeMutablePointer<Float>

  /// Columns of the right factor that lie together when packed.
  package var panel: Int
  /// Packs a right factor of `inner` × `columns`, whose element (k, n) is
  /// `weights[k · innerStride + n · columnStride]`, into `packedCount(inner, columns)` floats.
  package var pack:
    @Sendable (
      _ packed: Floats, _ weights: UnsafePointer<Float>, _ inner: Int, _ columns: Int,
      _ innerStride: Int, _ columnStride: Int
    ) -> Void
  /// `result[m · resultStride + n] = start + Σ left[m · leftStride + k] · right[k, n]`, where `start` is
  /// the result itself if it `adds`, else `bias[n]`, or 0 where there is no bias.
  package var multiply:
    @Sendable (
      _ result: Floats, _ resultStride: Int, _ left: UnsafePointer<Float>, _ leftStride: Int,
      _ packed: UnsafePointer<Float>, _ rows: Int, _ inner: Int, _ columns: Int,
      _ bias: UnsafePointer<Float>?, _ adds: Bool
    ) -> Void

  /// `result[n] = Σ left[k] · rows[n · inner + k]` for `count` rows: what reads each weight once goes as fast as
  /// memory. A result's sum is one of each lane's, added up at the end.
  package var multiplyVector:
    @Sendable (
      _ result: Floats, _ left: UnsafePointer<Float>, _ rows: UnsafePointer<Float>, _ inner: Int,
      _ count: Int
    ) -> Void

  package init(
    panel: Int,
    pack: @escaping @Sendable (Floats, UnsafePointer<Float>, Int, Int, Int, Int) -> Void,
    multiply:
      @escaping @Sendable (
        Floats, Int, UnsafePointer<Float>, Int, UnsafePointer<Float>, Int, Int, Int,
        UnsafePointer<Float>?, Bool
      ) -> Void,
    multiplyVector:
      @escaping @Sendable (
        Floats, UnsafePointer<Float>, UnsafePointer<Float>, Int, Int
      ) -> Void
  ) {
    self.panel = panel
    self.pack = pack
    self.multiply = multiply
    self.multiplyVector = multiplyVector
  }

  /// Floats of a packed right factor.
  package func packedCount(_ inner: Int, _ columns: Int) -> Int {
    (columns + panel - 1) / panel * panel * inner
  }
}
