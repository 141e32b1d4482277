import LoopInterface

func makeWeighedLoops() -> WeighedLoops {
  WeighedLoops(
    commonAlphaUInt8: commonAlphaUInt8, commonAlphaUInt16: commonAlphaUInt16, weigh: weigh,
    sum: sum, sumPairs: sumPairs, mean: mean, difference: difference, magnitude: magnitude)
}

private func commonAlphaUInt8(
  _ pixels: UnsafePointer<UInt8>, _ channels: Int, _ count: Int
) -> UInt8 {
  channels == 4
    ? UInt8(truncatingIfNeeded: common(pixels, count, UInt32.self) &>> 24)
    : UInt8(truncatingIfNeeded: common(pixels, count, UInt16.self) &>> 8)
}

private func commonAlphaUInt16(
  _ pixels: UnsafePointer<UInt16>, _ channels: Int, _ count: Int
) -> UInt16 {
  channels == 4
    ? UInt16(truncatingIfNeeded: common(pixels, count, UInt64.self) &>> 48)
    : UInt16(truncatingIfNeeded: common(pixels, count, UInt32.self) &>> 16)
}

/// The bits that whole pixels have in common.
@inline(__always)
private func common<Pixel: FixedWidthInteger & UnsignedInteger>(
  _ pixels: UnsafeRawPointer, _ count: Int, _ type: Pixel.Type
) -> Pixel {
  var bits = Pixel.max
  for x in 0..<count { bits &= pixel(pixels, x, type) }
  return bits
}

/// A whole pixel, its first sample in the lowest bits.
@inline(__always)
private func pixel<Pixel: FixedWidthInteger>(
  _ start: UnsafeRawPointer, _ x: Int, _ type: Pixel.Type
) -> Pixel {
  start.loadUnaligned(fromByteOffset: x &* MemoryLayout<Pixel>.size, as: type).littleEndian
}

/// A sample of a pixel of 2 or 4 bytes.
@inline(__always)
private func sample(_ pixel: UInt32, _ index: UInt32) -> Float {
  Float(Int32(truncatingIfNeeded: pixel &>> (8 &* index) & 0xFF))
}

private func weigh(
  _ pixels: UnsafePointer<UInt8>, _ channels: Int, _ count: Int,
  _ planes: UnsafeMutablePointer<Float>, _ pitch: Int
) {
  let start = UnsafeRawPointer(pixels)
  if channels == 4 {
    let (red, green, blue, alpha) = (
      planes, planes + pitch, planes + 2 &* pitch, planes + 3 &* pitch
    )
    for x in 0..<count {
      let bits = pixel(start, x, UInt32.self)
      let weight = sample(bits, 3)
      red[x] = sample(bits, 0) * weight
      green[x] = sample(bits, 1) * weight
      blue[x] = sample(bits, 2) * weight
      alpha[x] = weight
    }
  } else {
    let (gray, alpha) = (planes, planes + pitch)
    for x in 0..<count {
      let bits = UInt32(truncatingIfNeeded: pixel(start, x, UInt16.self))
      let weight = sample(bits, 1)
      gray[x] = sample(bits, 0) * weight
      alpha[x] = weight
    }
  }
}

/// A window's nine samples by their weights.
@inline(__always)
private func sum(
  _ weights: (Float, Float, Float, Float, Float, Float, Float, Float, Float),
  _ above: UnsafePointer<Float>, _ middle: UnsafePointer<Float>, _ below: UnsafePointer<Float>,
  _ x: Int
) -> Float {
  let (w0, w1, w2, w3, w4, w5, w6, w7, w8) = weights
  let top = w0 * above[x] + w1 * above[x &+ 1] + w2 * above[x &+ 2]
  let center = w3 * middle[x] + w4 * middle[x &+ 1] + w5 * middle[x &+ 2]
  let bottom = w6 * below[x] + w7 * below[x &+ 1] + w8 * below[x &+ 2]
  return top + center + bottom
}

@inline(__always)
private func nine(
  _ w: UnsafePointer<Float>
) -> (Float, Float, Float, Float, Float, Float, Float, Float, Float) {
  (w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7], w[8])
}

private func sum(
  _ rows: WeighedLoops.Rows, _ weights: UnsafePointer<Float>, _ planes: Int, _ pitch: Int,
  _ count: Int, _ sums: UnsafeMutablePointer<Float>
) {
  let weights = nine(weights)
  for plane in 0..<planes {
    let place = plane &* pitch
    let (above, middle, below) = (rows.above + place, rows.middle + place, rows.below + place)
    let to = sums + place
    for x in 0..<count { to[x] = sum(weights, above, middle, below, x) }
  }
}

private func sumPairs(
  _ rows: WeighedLoops.Rows, _ weights: UnsafePointer<Float>, _ planes: Int, _ pitch: Int,
  _ count: Int, _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>
) {
  let (one, other) = (nine(weights), nine(weights + 9))
  for plane in 0..<planes {
    let place = plane &* pitch
    let (above, middle, below) = (rows.above + place, rows.middle + place, rows.below + place)
    let (toFirst, toSecond) = (first + place, second + place)
    for x in 0..<count {
      toFirst[x] = sum(one, above, middle, below, x)
      toSecond[x] = sum(other, above, middle, below, x)
    }
  }
}

/// Clamps to 0…255 and rounds half to even: 1.5 × 2²³ leaves the integer in the low bits.
@inline(__always)
private func byte(_ value: Float) -> UInt32 {
  (min(max(value, 0), 255) + 12_582_912).bitPattern & 0xFF
}

private func mean(
  _ sums: UnsafePointer<Float>, _ pitch: Int, _ share: Float, _ nudge: Float, _ channels: Int,
  _ count: Int, _ output: UnsafeMutablePointer<UInt8>
) {
  let alphas = sums + (channels &- 1) &* pitch
  let color: (Int, Int) -> UInt32 = { channel, x in
    let alpha = alphas[x]
    let quotient = sums[channel &* pitch &+ x] / alpha + nudge
    return byte(alpha > 0 ? quotient : 0)
  }
  store(channels, count, output, color) { byte(alphas[$0] * share) }
}

/// What of a window's sums of color and alpha is left where the invisible has the center's color.
@inline(__always)
private func corrected(_ color: Float, _ alpha: Float, _ center: Float) -> Float {
  color - alpha * center
}

/// One part of 255. What it is multiplied by is whole, and no such quotient is so near a tie that rounding the
/// product matters.
private let share: Float = 1 / 255

private func difference(
  _ sums: UnsafePointer<Float>, _ pitch: Int, _ centers: UnsafePointer<UInt8>, _ channels: Int,
  _ count: Int, _ output: UnsafeMutablePointer<UInt8>
) {
  let alphas = sums + (channels &- 1) &* pitch
  let pixels = UnsafeRawPointer(centers)
  let last = UInt32(truncatingIfNeeded: channels &- 1)
  let color: (Int, Int) -> UInt32 = { channel, x in
    let center = whole(pixels, x, channels)
    let index = UInt32(truncatingIfNeeded: channel)
    let result = corrected(sums[channel &* pitch &+ x], alphas[x], sample(center, index))
    return byte(sample(center, last) > 0 ? result * share : 0)
  }
  store(channels, count, output, color) { whole(pixels, $0, channels) &>> (8 &* last) & 0xFF }
}

/// A pixel of 2 or 4 bytes.
@inline(__always)
private func whole(_ start: UnsafeRawPointer, _ x: Int, _ channels: Int) -> UInt32 {
  channels == 4
    ? pixel(start, x, UInt32.self) : UInt32(truncatingIfNeeded: pixel(start, x, UInt16.self))
}

private func magnitude(
  _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ pitch: Int,
  _ centers: UnsafePointer<UInt8>, _ channels: Int, _ count: Int,
  _ output: UnsafeMutablePointer<UInt8>
) {
  // In short blocks, few of which have to be computed twice.
  var first = 0
  while first < count {
    let block = min(64, count &- first)
    let place = channels &* first
    magnitudes(
      x + first, y + first, pitch, centers + place, channels, block, output + place)
    first &+= block
  }
}

@inline(__always)
private func magnitudes(
  _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ pitch: Int,
  _ centers: UnsafePointer<UInt8>, _ channels: Int, _ count: Int,
  _ output: UnsafeMutablePointer<UInt8>
) {
  let plane = (channels &- 1) &* pitch
  let (alphasX, alphasY, pixels) = (x + plane, y + plane, UnsafeRawPointer(centers))
  let last = UInt32(truncatingIfNeeded: channels &- 1)
  // Negative where a result lies so near the middle of two bytes that a float cannot tell to which it goes.
  var doubts: Int32 = 0
  let color: (Int, Int) -> UInt32 = { channel, i in
    let center = whole(pixels, i, channels)
    let level = sample(center, UInt32(truncatingIfNeeded: channel))
    let place = channel &* pitch &+ i
    let (across, down) = (
      corrected(x[place], alphasX[i], level), corrected(y[place], alphasY[i], level)
    )
    let result = min((across * across + down * down).squareRoot() * share, 255)
    let rounded = result + 12_582_912
    let distance = (result - (rounded - 12_582_912)).magnitude
    // Four roundings move 255 by 6e-5 at most.
    doubts |= Int32(bitPattern: Float(0.4999).bitPattern &- distance.bitPattern)
    return sample(center, last) > 0 ? rounded.bitPattern & 0xFF : 0
  }
  store(channels, count, output, color) { whole(pixels, $0, channels) &>> (8 &* last) & 0xFF }
  guard doubts < 0 else { return }
  for i in 0..<count {
    let center = whole(pixels, i, channels)
    guard sample(center, last) > 0 else { continue }
    for channel in 0..<channels &- 1 {
      let level = Double(sample(center, UInt32(truncatingIfNeeded: channel)))
      let place = channel &* pitch &+ i
      let across = Double(x[place]) - Double(alphasX[i]) * level
      let down = Double(y[place]) - Double(alphasY[i]) * level
      let result = min((across * across + down * down).squareRoot() / 255, 255)
      output[channels &* i &+ channel] = UInt8(
        truncatingIfNeeded: (result + 6_755_399_441_055_744).bitPattern)
    }
  }
}

/// Puts colors and alpha side by side, whole pixels at a time.
@inline(__always)
private func store(
  _ channels: Int, _ count: Int, _ output: UnsafeMutablePointer<UInt8>,
  _ color: (_ channel: Int, _ x: Int) -> UInt32,
  _ alpha: (_ x: Int) -> UInt32
) {
  let place = UnsafeMutableRawPointer(output)
  if channels == 4 {
    for x in 0..<count {
      let bits = color(0, x) | color(1, x) &<< 8 | color(2, x) &<< 16 | alpha(x) &<< 24
      place.storeBytes(of: bits.littleEndian, toByteOffset: 4 &* x, as: UInt32.self)
    }
  } else {
    for x in 0..<count {
      let bits = UInt16(truncatingIfNeeded: color(0, x) | alpha(x) &<< 8)
      place.storeBytes(of: bits.littleEndian, toByteOffset: 2 &* x, as: UInt16.self)
    }
  }
}
