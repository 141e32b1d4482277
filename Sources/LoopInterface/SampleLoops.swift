/// Loops that turn rows of samples into the numbers that sums are taken in, and back.
package struct SampleLoops: Sendable {
  /// Converts `count` numbers.
  package typealias Convert<From, To> =
    @Sendable (
      _ from: UnsafePointer<From>, _ count: Int, _ to: UnsafeMutablePointer<To>
    ) -> Void
  /// Finishes `count` results.
  package typealias FinishRow<To> =
    @Sendable (
      _ results: UnsafePointer<Double>, _ count: Int, _ finish: Finish,
      _ to: UnsafeMutablePointer<To>
    ) -> Void

  package var int32FromUInt8: Convert<UInt8, Int32>
  package var int32FromUInt16: Convert<UInt16, Int32>
  package var doubleFromUInt8: Convert<UInt8, Double>
  package var doubleFromUInt16: Convert<UInt16, Double>
  package var doubleFromFloat: Convert<Float, Double>
  package var doubleFromInt32: Convert<Int32, Double>
  package var finishUInt8: FinishRow<UInt8>
  package var finishUInt16: FinishRow<UInt16>
  package var finishFloat: FinishRow<Float>

  package init(
    int32FromUInt8: @escaping Convert<UInt8, Int32>,
    int32FromUInt16: @escaping Convert<UInt16, Int32>,
    doubleFromUInt8: @escaping Convert<UInt8, Double>,
    doubleFromUInt16: @escaping Convert<UInt16, Double>,
    doubleFromFloat: @escaping Convert<Float, Double>,
    doubleFromInt32: @escaping Convert<Int32, Double>,
    finishUInt8: @escaping FinishRow<UInt8>,
    finishUInt16: @escaping FinishRow<UInt16>,
    finishFloat: @escaping FinishRow<Float>
  ) {
    self.int32FromUInt8 = int32FromUInt8
    self.int32FromUInt16 = int32FromUInt16
    self.doubleFromUInt8 = doubleFromUInt8
    self.doubleFromUInt16 = doubleFromUInt16
    self.doubleFromFloat = doubleFromFloat
    self.doubleFromInt32 = doubleFromInt32
    self.finishUInt8 = finishUInt8
    self.finishUInt16 = finishUInt16
    self.finishFloat = finishFloat
  }
}

/// How the sum of a window becomes a sample:
/// `clamp((|max(sum · scale + bias, floor)| − offset) · gain)`, `|…|` where `absolute`; integer
/// samples are rounded half to even after `nudge` was added.
package struct Finish: Sendable {
  package var scale = 1.0
  package var bias = 0.0
  /// 0 for ReLU, else −∞.
  package var floor = -Double.infinity
  package var absolute = false
  package var offset = 0.0
  package var gain = 1.0
  /// Moves ties upwards where that is wanted; smaller than any distance of results that are no ties.
  package var nudge = 0.0
  /// The smallest and largest sample.
  package var lower = 0.0
  package var upper = 0.0

  package init() {}
}
