import LoopInterface
import Loops
import Testing

/// Products of matrices whose rows do not depend on each other.
@Suite struct MatrixTests {
  static let sets = InstructionSet.allCases.filter { $0 <= .best }

  /// Against sums in double precision, at sizes that fill panels and rows and that do not.
  @Test(arguments: sets)
  func products(_ set: InstructionSet) throws {
    let loops = try Loops.table(for: set).tensor.matrix
    for rows in [1, 3, 4, 7, 8, 13] {
      for inner in [1, 5, 33] {
        for columns in [1, 15, 16, 31, 32, 33, 70] {
          let a = numbers(rows * (inner + 2), 1)
          let b = numbers(inner * columns, 2)
          let bias = numbers(columns, 3)
          let old = numbers(rows * (columns + 1), 4)
          var packed = [Float](repeating: .nan, count: loops.packedCount(inner, columns))
          loops.pack(&packed, b, inner, columns, columns, 1)
          var turned = [Float](repeating: .nan, count: packed.count)
          let transposed = (0..<b.count).map { b[$0 % inner * columns + $0 / inner] }
          loops.pack(&turned, transposed, inner, columns, 1, inner)
          #expect(packed == turned)
          for mode in 0..<3 {
            var result = old
            bias.withUnsafeBufferPointer { bias in
              loops.multiply(
                &result, columns + 1, a, inner + 2, packed, rows, inner, columns,
                mode == 1 ? bias.baseAddress : nil, mode == 2)
            }
            for row in 0..<rows {
              #expect(result[row * (columns + 1) + columns] == old[row * (columns + 1) + columns])
              for column in 0..<columns {
                var sum =
                  mode == 0
                  ? 0 : Double(mode == 1 ? bias[column] : old[row * (columns + 1) + column])
                for k in 0..<inner {
                  sum += Double(a[row * (inner + 2) + k]) * Double(b[k * columns + column])
                }
                #expect(abs(Double(result[row * (columns + 1) + column]) - sum) < 1e-5)
              }
            }
            // Each row alone has the same bits.
            var single = old
            for row in 0..<rows {
              single.withUnsafeMutableBufferPointer { single in
                a.withUnsafeBufferPointer { a in
                  bias.withUnsafeBufferPointer { bias in
                    guard let result = single.baseAddress, let left = a.baseAddress else { return }
                    loops.multiply(
                      result + row * (columns + 1), columns + 1, left + row * (inner + 2),
                      inner + 2, packed, 1, inner, columns, mode == 1 ? bias.baseAddress : nil,
                      mode == 2)
                  }
                }
              }
            }
            #expect(single == result)
          }
        }
      }
    }
  }

  @Test(arguments: sets)
  func vectorProducts(_ set: InstructionSet) throws {
    let loops = try Loops.table(for: set).tensor.matrix
    for inner in [1, 7, 8, 15, 16, 17, 100] {
      for count in 1...9 {
        let (left, rows) = (numbers(inner, 1), numbers(inner * count, 2))
        var result = [Float](repeating: .nan, count: count + 1)
        loops.multiplyVector(&result, left, rows, inner, count)
        for n in 0..<count {
          let sum = (0..<inner).reduce(0.0) { $0 + Double(left[$1]) * Double(rows[n * inner + $1]) }
          #expect(abs(Double(result[n]) - sum) < 1e-5)
          // A row has the same bits whatever rows stand beside it.
          var alone: [Float] = [.nan]
          loops.multiplyVector(&alone, left, Array(rows[n * inner..<(n + 1) * inner]), inner, 1)
          #expect(alone[0] == result[n])
        }
        #expect(result[count].isNaN)
      }
    }
  }

  private func numbers(_ count: Int, _ seed: UInt32) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(state >> 8) / Float(1 << 23) - 1
    }
  }
}
