/// An element-wise function of up to three tiles `a`, `b`, `c` and two numbers `p`, `q`.
///
/// A tile is a short run of floats that fits the first-level cache; a sequence of operations is
/// done tile by tile, so that what lies between two of them never reaches memory.
package enum TileOperation: UInt8, Sendable {
  // One tile.
  case copy, negate, exp, log, sqrt, reciprocal, absolute, sign, square
  case tanh, sigmoid, hardSigmoid, relu, leakyReLU, elu, gelu, swish, softplus
  case step, floor, ceil, round, erf, sin, cos, clip
  case roundToFloat16, roundToBFloat16
  /// p · a + q
  case affine
  // Two tiles.
  case add, subtract, multiply, divide, maximum, minimum, power
  case equal, greater, greaterEqual, less, lessEqual
  // Upstream gradient `a` and the activation's output `b`.
  case reluGradient, leakyReLUGradient, eluGradient, tanhGradient, sigmoidGradient
  case hardSigmoidGradient, clipGradient
  // Upstream gradient `a` and the activation's input `b`.
  case geluGradient, swishGradient, softplusGradient
  // Three tiles.
  /// a ≠ 0 ? b : c
  case select
  /// a · b + c
  case multiplyAdd
}
