import LoopInterface

func makeResampleLoops() -> ResampleLoops {
  ResampleLoops(
    downUInt8: { down($0, $1, $2, $3, $4) { Float($0) } },
    downUInt16: { down($0, $1, $2, $3, $4) { Float($0) } },
    downFloat: { down($0, $1, $2, $3, $4) { $0 } },
    across: { channels in
      switch channels {
      case 1: acrossGray
      case 2: acrossPairs
      case 3: { acrossPixels($0, $1, $2, $3, $4, $5, channels: 3) }
      default: { acrossPixels($0, $1, $2, $3, $4, $5, channels: 4) }
      }
    },
    premultiplyUInt8: { premultiply($0, $1, $2, $3, $4) { Float($0) } },
    premultiplyUInt16: { premultiply($0, $1, $2, $3, $4) { Float($0) } },
    premultiplyFloat: { premultiply($0, $1, $2, $3, $4) { $0 } },
    storeUInt8: { numbers, channels, width, output in
      divideByAlpha(numbers, channels, width, full: 255)
      for i in 0..<channels * width {
        output[i] = UInt8(truncatingIfNeeded: roundedBits(min(max(numbers[i], 0), 255)))
      }
    },
    storeUInt16: { numbers, channels, width, output in
      divideByAlpha(numbers, channels, width, full: 65_535)
      for i in 0..<channels * width {
        output[i] = UInt16(truncatingIfNeeded: roundedBits(min(max(numbers[i], 0), 65_535)))
      }
    },
    storeFloat: { numbers, channels, width, output in
      divideByAlpha(numbers, channels, width, full: 1)
      output.update(from: numbers, count: channels * width)
    },
    halve: halve)
}

@inline(__always)
private func down<Sample>(
  _ rows: UnsafePointer<UnsafePointer<Sample>>, _ weights: UnsafePointer<Float>, _ taps: Int,
  _ count: Int, _ output: UnsafeMutablePointer<Float>, _ number: (Sample) -> Float
) {
  // In pieces that stay in the nearest cache while they are added to.
  var start = 0
  while start < count {
    let end = min(count, start + 2048)
    for x in start..<end { output[x] = 0 }
    var tap = 0
    while tap + 4 <= taps {
      let (a, b, c, d) = (rows[tap], rows[tap + 1], rows[tap + 2], rows[tap + 3])
      let (wa, wb, wc, wd) = (weights[tap], weights[tap + 1], weights[tap + 2], weights[tap + 3])
      for x in start..<end {
        let upper = wa * number(a[x]) + wb * number(b[x])
        let lower = wc * number(c[x]) + wd * number(d[x])
        output[x] = output[x] + (upper + lower)
      }
      tap += 4
    }
    while tap < taps {
      let (a, wa) = (rows[tap], weights[tap])
      for x in start..<end { output[x] = output[x] + wa * number(a[x]) }
      tap += 1
    }
    start = end
  }
}

private func acrossGray(
  _ line: UnsafePointer<Float>, _ first: UnsafePointer<Int32>, _ weights: UnsafePointer<Float>,
  _ pitch: Int, _ width: Int, _ output: UnsafeMutablePointer<Float>
) {
  var weight = UnsafeRawPointer(weights)
  for x in 0..<width {
    var number = UnsafeRawPointer(line + Int(first[x]))
    var sum = SIMD8<Float>(repeating: 0)
    for _ in 0..<pitch / 8 {
      sum +=
        number.loadUnaligned(as: SIMD8<Float>.self) * weight.loadUnaligned(as: SIMD8<Float>.self)
      number += 32
      weight += 32
    }
    let four = sum.lowHalf + sum.highHalf
    let two = four.lowHalf + four.highHalf
    output[x] = two[0] + two[1]
  }
}

private func acrossPairs(
  _ line: UnsafePointer<Float>, _ first: UnsafePointer<Int32>, _ weights: UnsafePointer<Float>,
  _ pitch: Int, _ width: Int, _ output: UnsafeMutablePointer<Float>
) {
  var weight = weights
  for x in 0..<width {
    var pixel = UnsafeRawPointer(line + 2 &* Int(first[x]))
    var sum = SIMD2<Float>(repeating: 0)
    for tap in 0..<pitch {
      sum += pixel.loadUnaligned(as: SIMD2<Float>.self) * weight[tap]
      pixel += 8
    }
    output[2 &* x] = sum[0]
    output[2 &* x &+ 1] = sum[1]
    weight += pitch
  }
}

/// Four floats at a time, of which the fourth is the next pixel's where there are three channels.
@inline(__always)
private func acrossPixels(
  _ line: UnsafePointer<Float>, _ first: UnsafePointer<Int32>, _ weights: UnsafePointer<Float>,
  _ pitch: Int, _ width: Int, _ output: UnsafeMutablePointer<Float>, channels: Int
) {
  var weight = weights
  for x in 0..<width {
    var pixel = UnsafeRawPointer(line + channels &* Int(first[x]))
    // Two sums, so that one addition does not wait for the other.
    var even = SIMD4<Float>(repeating: 0)
    var odd = SIMD4<Float>(repeating: 0)
    var tap = 0
    while tap &+ 2 <= pitch {
      even += pixel.loadUnaligned(as: SIMD4<Float>.self) * weight[tap]
      odd +=
        pixel.loadUnaligned(fromByteOffset: 4 &* channels, as: SIMD4<Float>.self)
        * weight[tap &+ 1]
      pixel += 8 &* channels
      tap &+= 2
    }
    if tap < pitch { even += pixel.loadUnaligned(as: SIMD4<Float>.self) * weight[tap] }
    let sum = even + odd
    for c in 0..<channels { output[channels &* x &+ c] = sum[c] }
    weight += pitch
  }
}

@inline(__always)
private func premultiply<Sample>(
  _ pixels: UnsafePointer<Sample>, _ channels: Int, _ width: Int, _ full: Float,
  _ output: UnsafeMutablePointer<Float>, _ number: (Sample) -> Float
) {
  let scale = 1 / full
  if channels == 4 {
    for x in 0..<width {
      let (pixel, place) = (pixels + 4 &* x, output + 4 &* x)
      let alpha = number(pixel[3])
      let share = alpha * scale
      for c in 0..<3 { place[c] = number(pixel[c]) * share }
      place[3] = alpha
    }
  } else {
    for x in 0..<width {
      let alpha = number(pixels[2 &* x &+ 1])
      output[2 &* x] = number(pixels[2 &* x]) * (alpha * scale)
      output[2 &* x &+ 1] = alpha
    }
  }
}

@inline(__always)
private func divideByAlpha(
  _ numbers: UnsafeMutablePointer<Float>, _ channels: Int, _ width: Int, full: Float
) {
  if channels == 4 {
    for x in 0..<width {
      let pixel = numbers + 4 &* x
      let scale = pixel[3] > 0 ? full / pixel[3] : 0
      for c in 0..<3 { pixel[c] = pixel[c] * scale }
    }
  } else if channels == 2 {
    for x in 0..<width {
      let alpha = numbers[2 &* x &+ 1]
      numbers[2 &* x] = numbers[2 &* x] * (alpha > 0 ? full / alpha : 0)
    }
  }
}

/// Rounds 0 ≤ value < 2²² half to even by adding 1.5 × 2²³, which leaves the integer in the low bits.
@inline(__always)
private func roundedBits(_ value: Float) -> UInt32 { (value + 12_582_912).bitPattern & 0x3F_FFFF }

private func halve(
  _ top: UnsafePointer<UInt8>, _ bottom: UnsafePointer<UInt8>, _ channels: Int, _ width: Int,
  _ output: UnsafeMutablePointer<UInt8>
) {
  switch channels {
  case 1: halveGray(top, bottom, width, output)
  case 3: halveRGB(top, bottom, width, output)
  default:
    for x in 0..<width {
      for c in 0..<channels {
        let (left, right) = (2 &* channels &* x &+ c, 2 &* channels &* x &+ channels &+ c)
        let sum =
          UInt16(top[left]) &+ UInt16(top[right]) &+ UInt16(bottom[left]) &+ UInt16(bottom[right])
        output[channels &* x &+ c] = UInt8(truncatingIfNeeded: (sum &+ 2) &>> 2)
      }
    }
  }
}

/// Two neighbors at once, as the bytes of a word of either order.
private func halveGray(
  _ top: UnsafePointer<UInt8>, _ bottom: UnsafePointer<UInt8>, _ width: Int,
  _ output: UnsafeMutablePointer<UInt8>
) {
  forEachBlock(of: width) { first, count in
    let (upper, lower) = (top + 2 &* first, bottom + 2 &* first)
    let place = output + first
    fetchAhead(reading: lower, writing: place)
    fetchAhead(reading: lower + blockLength, writing: place)
    for x in 0..<count {
      let (a, b) = (word(upper, x), word(lower, x))
      let sum = (a & 0xFF) &+ (a &>> 8) &+ (b & 0xFF) &+ (b &>> 8)
      place[x] = UInt8(truncatingIfNeeded: (sum &+ 2) &>> 2)
    }
  }
}

/// A pixel's six bytes in a row are three words.
private func halveRGB(
  _ top: UnsafePointer<UInt8>, _ bottom: UnsafePointer<UInt8>, _ width: Int,
  _ output: UnsafeMutablePointer<UInt8>
) {
  forEachBlock(of: width) { first, count in
    let (upper, lower) = (top + 6 &* first, bottom + 6 &* first)
    let place = output + 3 &* first
    for block in 0..<6 { fetchAhead(reading: lower + block &* blockLength, writing: place) }
    for x in 0..<count {
      let (a, b, c) = (word(upper, 3 &* x), word(upper, 3 &* x &+ 1), word(upper, 3 &* x &+ 2))
      let (d, e, f) = (word(lower, 3 &* x), word(lower, 3 &* x &+ 1), word(lower, 3 &* x &+ 2))
      let red = (a & 0xFF) &+ (b &>> 8) &+ (d & 0xFF) &+ (e &>> 8)
      let green = (a &>> 8) &+ (c & 0xFF) &+ (d &>> 8) &+ (f & 0xFF)
      let blue = (b & 0xFF) &+ (c &>> 8) &+ (e & 0xFF) &+ (f &>> 8)
      place[3 &* x] = UInt8(truncatingIfNeeded: (red &+ 2) &>> 2)
      place[3 &* x &+ 1] = UInt8(truncatingIfNeeded: (green &+ 2) &>> 2)
      place[3 &* x &+ 2] = UInt8(truncatingIfNeeded: (blue &+ 2) &>> 2)
    }
  }
}

/// Calls `body` with the first pixel and the length of each block of a row.
@inline(__always)
private func forEachBlock(of width: Int, _ body: (_ first: Int, _ count: Int) -> Void) {
  var first = 0
  while first < width {
    let count = min(blockLength, width &- first)
    body(first, count)
    first &+= count
  }
}

/// Two bytes, the first one the lower.
@inline(__always)
private func word(_ bytes: UnsafePointer<UInt8>, _ index: Int) -> UInt16 {
  UnsafeRawPointer(bytes).loadUnaligned(fromByteOffset: 2 &* index, as: UInt16.self).littleEndian
}
