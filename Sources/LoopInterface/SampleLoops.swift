/// Loops that turn rows of samples into the numbers that sums are taken in, and back.
public struct SampleLoops: Sendable {
  /// Converts `count` numbers.
  public typealias Convert<From, To> =
    @Sendable (
      _ from: UnsafePointer<From>, _ count: Int, _ to: UnsafeMutablePointer<To>
    ) -> Void
  /// Finishes `count` results.
  public typealias FinishRow<To> =
    @Sendable (
      _ results: UnsafePointer<Double>, _ count: Int, _ finish: Finish,
      _ to: UnsafeMutablePointer<To>
    ) -> Void

  public var int32FromUInt8: Convert<UInt8, Int32>
  public var int32FromUInt16: Convert<UInt16, Int32>
  public var doubleFromUInt8: Convert<UInt8, Double>
  public var doubleFromUInt16: Convert<UInt16, Double>
  public var doubleFromFloat: Convert<Float, Double>
  public var doubleFromInt32: Convert<Int32, Double>
  public var finishUInt8: FinishRow<UInt8>
  public var finishUInt16: FinishRow<UInt16>
  public var finishFloat: FinishRow<Float>

  public init(
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
public struct Finish: Sendable {
  public var scale = 1.0
  public var bias = 0.0
  /// 0 for ReLU, else −∞.
  public var floor = -Double.infinity
  public var absolute = false
  public var offset = 0.0
  public var gain = 1.0
  /// Moves ties upwards where that is wanted; smaller than any distance of results that are no ties.
  public var nudge = 0.0
  /// The smallest and largest sample.
  public var lower = 0.0
  public var upper = 0.0

  public init() {}
}
