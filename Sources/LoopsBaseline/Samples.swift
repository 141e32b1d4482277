import LoopInterface

func makeSampleLoops() -> SampleLoops {
  SampleLoops(
    int32FromUInt8: int32FromUInt8, int32FromUInt16: int32FromUInt16,
    doubleFromUInt8: doubleFromUInt8, doubleFromUInt16: doubleFromUInt16,
    doubleFromFloat: doubleFromFloat, doubleFromInt32: doubleFromInt32,
    finishUInt8: finishUInt8, finishUInt16: finishUInt16, finishFloat: finishFloat)
}

private func int32FromUInt8(
  _ from: UnsafePointer<UInt8>, _ count: Int, _ to: UnsafeMutablePointer<Int32>
) {
  for x in 0..<count { to[x] = Int32(from[x]) }
}

private func int32FromUInt16(
  _ from: UnsafePointer<UInt16>, _ count: Int, _ to: UnsafeMutablePointer<Int32>
) {
  for x in 0..<count { to[x] = Int32(from[x]) }
}

private func doubleFromUInt8(
  _ from: UnsafePointer<UInt8>, _ count: Int, _ to: UnsafeMutablePointer<Double>
) {
  for x in 0..<count { to[x] = Double(from[x]) }
}

private func doubleFromUInt16(
  _ from: UnsafePointer<UInt16>, _ count: Int, _ to: UnsafeMutablePointer<Double>
) {
  for x in 0..<count { to[x] = Double(from[x]) }
}

private func doubleFromFloat(
  _ from: UnsafePointer<Float>, _ count: Int, _ to: UnsafeMutablePointer<Double>
) {
  for x in 0..<count { to[x] = Double(from[x]) }
}

private func doubleFromInt32(
  _ from: UnsafePointer<Int32>, _ count: Int, _ to: UnsafeMutablePointer<Double>
) {
  for x in 0..<count { to[x] = Double(from[x]) }
}

/// The formula of ``Finish``, before rounding. Comparisons are written so that NaN passes through.
@inline(__always)
private func finished(_ result: Double, _ finish: Finish, _ signMask: UInt64) -> Double {
  var value = result * finish.scale + finish.bias
  value = value < finish.floor ? finish.floor : value
  value = Double(bitPattern: value.bitPattern & signMask)
  value = (value - finish.offset) * finish.gain
  value = value < finish.lower ? finish.lower : value
  return value > finish.upper ? finish.upper : value
}

/// The bits that stay: all but the sign where that is dropped.
@inline(__always)
private func signMask(_ finish: Finish) -> UInt64 { finish.absolute ? UInt64.max >> 1 : UInt64.max }

/// 1.5 · 2^52: a Double of magnitude below 2^51 plus this holds the number, rounded half to even,
/// in its low bits.
private let rounding = 6_755_399_441_055_744.0

private func finishUInt8(
  _ results: UnsafePointer<Double>, _ count: Int, _ finish: Finish,
  _ to: UnsafeMutablePointer<UInt8>
) {
  let mask = signMask(finish)
  for x in 0..<count {
    let value = finished(results[x], finish, mask) + finish.nudge + rounding
    to[x] = UInt8(truncatingIfNeeded: value.bitPattern)
  }
}

private func finishUInt16(
  _ results: UnsafePointer<Double>, _ count: Int, _ finish: Finish,
  _ to: UnsafeMutablePointer<UInt16>
) {
  let mask = signMask(finish)
  for x in 0..<count {
    let value = finished(results[x], finish, mask) + finish.nudge + rounding
    to[x] = UInt16(truncatingIfNeeded: value.bitPattern)
  }
}

private func finishFloat(
  _ results: UnsafePointer<Double>, _ count: Int, _ finish: Finish,
  _ to: UnsafeMutablePointer<Float>
) {
  let mask = signMask(finish)
  for x in 0..<count { to[x] = Float(finished(results[x], finish, mask)) }
}
