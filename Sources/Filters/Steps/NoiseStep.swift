import Glibc
import Images
import LoopInterface

/// Noise that depends on the seed and a sample's place alone. Alpha stays.
struct Noise: StepMaker {
  enum Kind: Sendable, Equatable {
    /// Normal, of this standard deviation in sample units, added to each sample.
    case gaussian(sigma: Double)
    /// This share of the pixels becomes black or white, half of it each.
    case saltAndPepper(share: Double)
  }

  let kind: Kind
  let seed: UInt64

  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    NoiseStep(input: layout, noise: self)
  }
}

private struct NoiseStep: RowStep {
  let input: PixelLayout
  let noise: Noise
  var output: PixelLayout { input }
  let needsWholeImage = false

  func inputRows(for rows: Range<Int>) -> Range<Int> { rows }
  func makeWorker() -> any RowWorker { Worker(step: self) }

  private final class Worker: RowWorker {
    let step: NoiseStep
    init(step: NoiseStep) { self.step = step }

    func compute(_ rows: Range<Int>, from input: InputRows, into output: UnsafeMutableRawPointer) {
      for row in rows {
        let place = output + (row - rows.lowerBound) * step.output.bytesPerRow
        switch step.input.sample {
        case .uint8:
          compute(row, input[row], place, 0 as UInt8, 255) { sample, noise in
            UInt8(min(max((Double(sample) + noise).rounded(.toNearestOrEven), 0), 255))
          }
        case .uint16:
          compute(row, input[row], place, 0 as UInt16, 65_535) { sample, noise in
            UInt16(min(max((Double(sample) + noise).rounded(.toNearestOrEven), 0), 65_535))
          }
        case .float32:
          compute(row, input[row], place, 0 as Float, 1) { sample, noise in sample + Float(noise) }
        }
      }
    }

    @inline(__always)
    private func compute<Sample: BitwiseCopyable>(
      _ row: Int, _ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, _ black: Sample,
      _ white: Sample, _ add: (Sample, Double) -> Sample
    ) {
      let layout = step.input
      let from = from.assumingMemoryBound(to: Sample.self)
      let to = to.assumingMemoryBound(to: Sample.self)
      to.update(from: from, count: layout.samplesPerRow)
      for x in 0..<layout.width {
        let pixel = x * layout.channels
        switch step.noise.kind {
        case .gaussian(let sigma):
          for color in 0..<layout.colorChannels {
            let random = unitRandom(step.noise.seed, row, x, color)
            to[pixel + color] = add(from[pixel + color], sigma * normalQuantile(random))
          }
        case .saltAndPepper(let share):
          let random = unitRandom(step.noise.seed, row, x, 0)
          guard random < share else { continue }
          let sample = random < share / 2 ? black : white
          for color in 0..<layout.colorChannels { to[pixel + color] = sample }
        }
      }
    }
  }
}

/// A number above 0 and below 1 for a place (Steele, Lea and Flood's SplitMix64 over its coordinates).
private func unitRandom(_ seed: UInt64, _ row: Int, _ column: Int, _ channel: Int) -> Double {
  let place =
    UInt64(truncatingIfNeeded: row) &<< 34 | UInt64(truncatingIfNeeded: column) &<< 2
    | UInt64(truncatingIfNeeded: channel)
  var z = mixed(seed &+ 0x9E37_79B9_7F4A_7C15) ^ place
  z = mixed(z &+ 0x9E37_79B9_7F4A_7C15)
  return (Double(z >> 12) + 0.5) * 0x1p-52
}

private func mixed(_ value: UInt64) -> UInt64 {
  var z = value
  z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
  return z ^ (z >> 31)
}

/// The number below which a standard normal variable lies with this probability, to seven digits
/// (Wichura, algorithm AS 241, PPND7).
private func normalQuantile(_ probability: Double) -> Double {
  let q = probability - 0.5
  if q.magnitude <= 0.425 {
    let r = 0.180625 - q * q
    let above = ((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179
    let below = ((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1
    return q * above / below
  }
  let r = (-log(min(probability, 1 - probability))).squareRoot()
  let magnitude: Double
  if r <= 5 {
    let s = r - 1.6
    let above = ((0.17023821103 * s + 1.3067284816) * s + 2.7568153900) * s + 1.4234372777
    magnitude = above / ((0.12021132975 * s + 0.73700164250) * s + 1)
  } else {
    let s = r - 5
    let above = ((0.017337203997 * s + 0.42868294337) * s + 3.0812263860) * s + 6.6579051150
    magnitude = above / ((0.012258202635 * s + 0.24197894225) * s + 1)
  }
  return q < 0 ? -magnitude : magnitude
}
