/// The sum of the products of numbers, several of which are multiplied at once.
///
/// - Parameter count: how many `a` and `b` have; nothing beyond is read.
func dot(
  _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int
) -> Double {
  var sums = SIMD8<Double>()
  var index = 0
  while index + 8 <= count {
    sums +=
      UnsafeRawPointer(a + index).loadUnaligned(as: SIMD8<Double>.self)
      * UnsafeRawPointer(b + index).loadUnaligned(as: SIMD8<Double>.self)
    index += 8
  }
  var sum = sums.sum()
  while index < count {
    sum += a[index] * b[index]
    index += 1
  }
  return sum
}
