import Glibc
import LoopInterface

/// `output[i] = operation(a[i], b[i], c[i])`.
func tile(
  _ operation: TileOperation, _ output: UnsafeMutablePointer<Float>,
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafePointer<Float>,
  _ count: Int, _ p: Float, _ q: Float
) {
  switch operation {
  case .copy: map(output, a, count) { $0 }
  case .negate: map(output, a, count) { -$0 }
  case .exp: map(output, a, count) { exponential($0) }
  case .log: map(output, a, count) { logarithm($0) }
  case .sqrt: map(output, a, count) { squareRoot($0) }
  case .reciprocal: map(output, a, count) { 1 / $0 }
  case .absolute: map(output, a, count) { abs($0) }
  case .sign: map(output, a, count) { $0 > 0 ? 1 : ($0 < 0 ? -1 : $0) }
  case .square: map(output, a, count) { $0 * $0 }
  case .tanh: map(output, a, count) { hyperbolicTangent($0) }
  case .sigmoid: map(output, a, count) { logistic($0) }
  case .hardSigmoid: map(output, a, count) { clamp(p * $0 + q, 0, 1) }
  case .relu: map(output, a, count) { $0 < 0 ? 0 : $0 }
  case .leakyReLU: map(output, a, count) { $0 > 0 ? $0 : p * $0 }
  case .elu: map(output, a, count) { $0 > 0 ? $0 : p * (exponential($0) - 1) }
  case .gelu: map(output, a, count) { gaussianLinearUnit($0) }
  case .swish: map(output, a, count) { $0 * logistic($0) }
  case .softplus: map(output, a, count) { softplus($0) }
  case .step: map(output, a, count) { $0 > 0 ? 1 : 0 }
  case .floor: map(output, a, count) { $0.rounded(.down) }
  case .ceil: map(output, a, count) { $0.rounded(.up) }
  case .round: map(output, a, count) { $0.rounded(.toNearestOrEven) }
  case .erf: map(output, a, count) { errorFunction($0) }
  case .sin: map(output, a, count) { sinf($0) }
  case .cos: map(output, a, count) { cosf($0) }
  case .clip: map(output, a, count) { clamp($0, p, q) }
  case .roundToFloat16: map(output, a, count) { roundedToFloat16($0) }
  case .roundToBFloat16: map(output, a, count) { roundedToBFloat16($0) }
  case .affine: map(output, a, count) { p * $0 + q }
  default: tileOfTwo(operation, output, a, b, c, count, p, q)
  }
}

private func tileOfTwo(
  _ operation: TileOperation, _ output: UnsafeMutablePointer<Float>,
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafePointer<Float>,
  _ count: Int, _ p: Float, _ q: Float
) {
  switch operation {
  case .add: zip(output, a, b, count) { $0 + $1 }
  case .subtract: zip(output, a, b, count) { $0 - $1 }
  case .multiply: zip(output, a, b, count) { $0 * $1 }
  case .divide: zip(output, a, b, count) { $0 / $1 }
  // A NaN in either argument comes through.
  case .maximum: zip(output, a, b, count) { $0 > $1 ? $0 : ($0 == $0 ? $1 : $0) }
  case .minimum: zip(output, a, b, count) { $0 < $1 ? $0 : ($0 == $0 ? $1 : $0) }
  case .power: zip(output, a, b, count) { powf($0, $1) }
  case .equal: zip(output, a, b, count) { $0 == $1 ? 1 : 0 }
  case .greater: zip(output, a, b, count) { $0 > $1 ? 1 : 0 }
  case .greaterEqual: zip(output, a, b, count) { $0 >= $1 ? 1 : 0 }
  case .less: zip(output, a, b, count) { $0 < $1 ? 1 : 0 }
  case .lessEqual: zip(output, a, b, count) { $0 <= $1 ? 1 : 0 }
  case .reluGradient: zip(output, a, b, count) { $1 > 0 ? $0 : 0 }
  case .leakyReLUGradient: zip(output, a, b, count) { $1 > 0 ? $0 : p * $0 }
  case .eluGradient: zip(output, a, b, count) { $1 > 0 ? $0 : $0 * ($1 + p) }
  case .tanhGradient: zip(output, a, b, count) { $0 * (1 - $1 * $1) }
  case .sigmoidGradient: zip(output, a, b, count) { $0 * ($1 * (1 - $1)) }
  case .hardSigmoidGradient:
    zip(output, a, b, count) { $1 > 0 && $1 < 1 ? p * $0 : 0 }
  case .geluGradient:
    zip(output, a, b, count) { dy, x in
      let density = 0.39894228 * exponential(-0.5 * x * x)
      return dy * (0.5 * (1 + errorFunction(x * 0.70710678)) + x * density)
    }
  case .swishGradient:
    zip(output, a, b, count) { dy, x in
      let s = logistic(x)
      return dy * (s + x * s * (1 - s))
    }
  case .softplusGradient: zip(output, a, b, count) { $0 * logistic($1) }
  case .clipGradient: zip(output, a, b, count) { $1 > p && $1 < q ? $0 : 0 }
  case .select: combine(output, a, b, c, count) { $0 != 0 ? $1 : $2 }
  case .multiplyAdd: combine(output, a, b, c, count) { $0 * $1 + $2 }
  default: break
  }
}

@inline(__always)
private func clamp(_ x: Float, _ low: Float, _ high: Float) -> Float {
  x < low ? low : (x > high ? high : x)
}

// Where the output is one of the inputs, the loop is written with that one pointer: LLVM then knows
// that nothing else overlaps and vectorizes it.

@inline(__always)
private func map(
  _ output: UnsafeMutablePointer<Float>, _ a: UnsafePointer<Float>, _ count: Int,
  _ function: (Float) -> Float
) {
  var i = 0
  if UnsafePointer(output) == a {
    while i < count {
      output[i] = function(output[i])
      i &+= 1
    }
    return
  }
  while i < count {
    output[i] = function(a[i])
    i &+= 1
  }
}

@inline(__always)
private func zip(
  _ output: UnsafeMutablePointer<Float>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
  _ count: Int, _ function: (Float, Float) -> Float
) {
  var i = 0
  if UnsafePointer(output) == a {
    while i < count {
      output[i] = function(output[i], b[i])
      i &+= 1
    }
  } else if UnsafePointer(output) == b {
    while i < count {
      output[i] = function(a[i], output[i])
      i &+= 1
    }
  } else {
    while i < count {
      output[i] = function(a[i], b[i])
      i &+= 1
    }
  }
}

@inline(__always)
private func combine(
  _ output: UnsafeMutablePointer<Float>, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
  _ c: UnsafePointer<Float>, _ count: Int, _ function: (Float, Float, Float) -> Float
) {
  var i = 0
  if UnsafePointer(output) == a {
    while i < count {
      output[i] = function(output[i], b[i], c[i])
      i &+= 1
    }
  } else if UnsafePointer(output) == c {
    while i < count {
      output[i] = function(a[i], b[i], output[i])
      i &+= 1
    }
  } else {
    while i < count {
      output[i] = function(a[i], b[i], c[i])
      i &+= 1
    }
  }
}
