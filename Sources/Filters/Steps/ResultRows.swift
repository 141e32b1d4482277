import Images
import LoopInterface

/// Computes rows of results (sums of windows and what follows from them), one number for each
/// sample, before scaling and rounding.
protocol ResultRows: AnyObject {
  /// The results of an output row for every position of the window (stride 1 in x). Valid until the
  /// next call; rows must be asked for from top to bottom, or any row after a pause.
  func results(_ row: Int, from input: InputRows) -> UnsafePointer<Double>
}

/// Rows of samples as numbers.
struct SampleReader {
  let layout: PixelLayout
  let loops: LoopTable

  /// Padded rows of `Int32`, the newest `held` kept; only for integer samples.
  func int32Rows(_ geometry: WindowGeometry, held: Int) -> PaddedRows<Int32> {
    let constant = Int32(truncatingIfNeeded: Int(borderValue(geometry.border)))
    let samples = loops.samples
    switch layout.sample {
    case .uint8:
      return PaddedRows(geometry, held: held, extendsColumns: true, constant: constant) {
        samples.int32FromUInt8($0.assumingMemoryBound(to: UInt8.self), $1, $2)
      }
    case .uint16, .float32:
      return PaddedRows(geometry, held: held, extendsColumns: true, constant: constant) {
        samples.int32FromUInt16($0.assumingMemoryBound(to: UInt16.self), $1, $2)
      }
    }
  }

  /// Padded rows of `Double`, the newest `held` kept, extended on both sides where that is wanted.
  func doubleRows(
    _ geometry: WindowGeometry, held: Int, extendsColumns: Bool
  ) -> PaddedRows<Double> {
    let samples = loops.samples
    let constant = borderValue(geometry.border)
    func rows(_ convert: @escaping PaddedRows<Double>.Convert) -> PaddedRows<Double> {
      PaddedRows(
        geometry, held: held, extendsColumns: extendsColumns, constant: constant, convert: convert)
    }
    switch layout.sample {
    case .uint8:
      return rows {
        samples.doubleFromUInt8($0.assumingMemoryBound(to: UInt8.self), $1, $2)
      }
    case .uint16:
      return rows {
        samples.doubleFromUInt16($0.assumingMemoryBound(to: UInt16.self), $1, $2)
      }
    case .float32:
      return rows {
        samples.doubleFromFloat($0.assumingMemoryBound(to: Float.self), $1, $2)
      }
    }
  }

  /// The constant border as a sample can hold it; 0 for other borders.
  func borderValue(_ border: Border) -> Double {
    guard case .constant(let value) = border else { return 0 }
    guard let maximum = layout.sample.maximum else { return Double(Float(value)) }
    return min(max(value.rounded(.toNearestOrEven), 0), maximum)
  }
}

extension SampleType {
  /// The largest sample; nil for float, which has none.
  var maximum: Double? {
    switch self {
    case .uint8: 255
    case .uint16: 65_535
    case .float32: nil
    }
  }

  /// The sample of white.
  var white: Double { maximum ?? 1 }
}
