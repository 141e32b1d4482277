import LoopInterface

func makeRotateLoops() -> RotateLoops {
  RotateLoops(
    gray: rotateGray,
    rgb: { rotateRGB($0, $1, $2, $3, $4, $5, $6, $7, channels: 3) },
    rgbToOpaque: { rotateRGB($0, $1, $2, $3, $4, $5, $6, $7, channels: 4) },
    turnSquare: { turnSquare($0, $1, $2, $3) })
}

/// Finding the places and weighing run in vectors, only the fetching between them does not.
private func rotateGray(
  _ image: UnsafePointer<UInt8>, _ bytesPerRow: Int, _ x: Int64, _ y: Int64, _ dx: Int64,
  _ dy: Int64, _ count: Int, _ output: UnsafeMutablePointer<UInt8>
) {
  let piece = 256
  withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 3 * piece) { buffer in
    guard let places = buffer.baseAddress else { return }
    let (pixels, shares) = (places + piece, places + 2 * piece)
    let bytes = UnsafeRawPointer(image)
    let pitch = UInt32(truncatingIfNeeded: bytesPerRow)
    var start = 0
    while start < count {
      let length = min(piece, count - start)
      let (left, top) = (x &+ Int64(start) &* dx, y &+ Int64(start) &* dy)
      for i in 0..<length {
        let (px, py) = (left &+ Int64(i) &* dx, top &+ Int64(i) &* dy)
        let (column, row) = (
          UInt32(truncatingIfNeeded: px &>> 32), UInt32(truncatingIfNeeded: py &>> 32)
        )
        places[i] = row &* pitch &+ column
        shares[i] =
          (UInt32(truncatingIfNeeded: px) &>> 20) | ((UInt32(truncatingIfNeeded: py) &>> 20) &<< 16)
      }
      for i in 0..<length {
        let place = bytes + Int(places[i])
        pixels[i] =
          UInt32(place.loadUnaligned(as: UInt16.self))
          | UInt32((place + bytesPerRow).loadUnaligned(as: UInt16.self)) &<< 16
      }
      let results = output + start
      for i in 0..<length {
        let (fx, fy) = (shares[i] & 0xFFF, shares[i] &>> 16)
        let both = (fx &* fy &+ 2048) &>> 12
        let four = pixels[i]
        let upper =
          (4096 &- fx &- fy &+ both) &* (four & 0xFF) &+ (fx &- both) &* (four &>> 8 & 0xFF)
        let lower = (fy &- both) &* (four &>> 16 & 0xFF) &+ both &* (four &>> 24)
        results[i] = UInt8(truncatingIfNeeded: (upper &+ lower &+ 2048) &>> 12)
      }
      start += length
    }
  }
}

/// Like gray: six bytes of each of two rows are a place's four pixels.
@inline(__always)
private func rotateRGB(
  _ image: UnsafePointer<UInt8>, _ bytesPerRow: Int, _ x: Int64, _ y: Int64, _ dx: Int64,
  _ dy: Int64, _ count: Int, _ output: UnsafeMutablePointer<UInt8>, channels: Int
) {
  let piece = 256
  // Safe: places, weights, results and twice two words of both rows, one of each for a pixel.
  withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 7 * 256) { buffer in
    guard let places = buffer.baseAddress else { return }
    let (shares, results) = (places + 256, places + 512)
    let (upper, upperEnd) = (places + 768, places + 1024)
    let (lower, lowerEnd) = (places + 1280, places + 1536)
    var start = 0
    while start < count {
      let length = min(piece, count - start)
      let (left, top) = (x &+ Int64(start) &* dx, y &+ Int64(start) &* dy)
      // Places from the piece's first on, which 32 bits hold.
      let base = UnsafeRawPointer(image) + Int(top &>> 32) &* bytesPerRow + 3 &* Int(left &>> 32)
      let (column, row) = (
        UInt32(truncatingIfNeeded: left &>> 32), UInt32(truncatingIfNeeded: top &>> 32)
      )
      let pitch = UInt32(truncatingIfNeeded: bytesPerRow)
      for i in 0..<length {
        let (px, py) = (left &+ Int64(i) &* dx, top &+ Int64(i) &* dy)
        places[i] =
          (UInt32(truncatingIfNeeded: py &>> 32) &- row) &* pitch
          &+ 3 &* (UInt32(truncatingIfNeeded: px &>> 32) &- column)
        shares[i] =
          (UInt32(truncatingIfNeeded: px) &>> 20) | ((UInt32(truncatingIfNeeded: py) &>> 20) &<< 16)
      }
      for i in 0..<length {
        let place = base + Int(Int32(bitPattern: places[i]))
        let next = place + bytesPerRow
        upper[i] = place.loadUnaligned(as: UInt32.self).littleEndian
        upperEnd[i] = UInt32((place + 4).loadUnaligned(as: UInt16.self).littleEndian)
        lower[i] = next.loadUnaligned(as: UInt32.self).littleEndian
        lowerEnd[i] = UInt32((next + 4).loadUnaligned(as: UInt16.self).littleEndian)
      }
      for i in 0..<length {
        let (fx, fy) = (shares[i] & 0xFFF, shares[i] &>> 16)
        let d = (fx &* fy &+ 2048) &>> 12
        let (b, c) = (fx &- d, fy &- d)
        let a = 4096 &- fx &- c
        let (p, q, r, s) = (upper[i], upperEnd[i], lower[i], lowerEnd[i])
        let red = a &* (p & 255) &+ b &* (p &>> 24) &+ c &* (r & 255) &+ d &* (r &>> 24)
        let green =
          a &* (p &>> 8 & 255) &+ b &* (q & 255) &+ c &* (r &>> 8 & 255) &+ d &* (s & 255)
        let blue =
          a &* (p &>> 16 & 255) &+ b &* (q &>> 8) &+ c &* (r &>> 16 & 255)
          &+ d &* (s &>> 8)
        results[i] =
          (red &+ 2048) &>> 12 | ((green &+ 2048) &>> 12) &<< 8 | ((blue &+ 2048) &>> 12) &<< 16
          | 0xFF00_0000
      }
      let target = UnsafeMutableRawPointer(output + channels &* start)
      if channels == 4 {
        for i in 0..<length {
          target.storeBytes(of: results[i].littleEndian, toByteOffset: 4 &* i, as: UInt32.self)
        }
      } else {
        // Four bytes are written for three: the fourth is the next pixel's, which comes after it.
        for i in 0..<length - 1 {
          target.storeBytes(of: results[i].littleEndian, toByteOffset: 3 &* i, as: UInt32.self)
        }
        let last = output + 3 &* (start &+ length &- 1)
        for c in 0..<3 {
          last[c] = UInt8(truncatingIfNeeded: results[length - 1] &>> UInt32(8 &* c))
        }
      }
      start += length
    }
  }
}
