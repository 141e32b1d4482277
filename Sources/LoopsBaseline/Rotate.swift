import LoopInterface

func makeRotateLoops() -> RotateLoops {
  RotateLoops(
    gray: rotateGray,
    rgb: { rotateRGB($0, $1, $2, $3, $4, $5, $6, $7, channels: 3) },
    rgbToOpaque: { rotateRGB($0, $1, $2, $3, $4, $5, $6, $7, channels: 4) })
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

/// A pixel's three samples side by side in one number, 21 bits for each, are weighed at once.
@inline(__always)
private func rotateRGB(
  _ image: UnsafePointer<UInt8>, _ bytesPerRow: Int, _ x: Int64, _ y: Int64, _ dx: Int64,
  _ dy: Int64, _ count: Int, _ output: UnsafeMutablePointer<UInt8>, channels: Int
) {
  let bytes = UnsafeRawPointer(image)
  @inline(__always) func spread(_ place: UnsafeRawPointer, _ weight: UInt64) -> UInt64 {
    let pixel = UInt64(place.loadUnaligned(as: UInt32.self))
    return (pixel & 0xFF | (pixel & 0xFF00) &<< 13 | (pixel & 0xFF_0000) &<< 26) &* weight
  }
  let halves: UInt64 = 2048 | 2048 << 21 | 2048 << 42
  var (px, py) = (x, y)
  for i in 0..<count {
    let place = bytes + Int(py &>> 32) &* bytesPerRow + 3 &* Int(px &>> 32)
    let fx = UInt64(UInt32(truncatingIfNeeded: px) &>> 20)
    let fy = UInt64(UInt32(truncatingIfNeeded: py) &>> 20)
    let both = (fx &* fy &+ 2048) &>> 12
    let sum =
      spread(place, 4096 &- fx &- fy &+ both) &+ spread(place + 3, fx &- both)
      &+ spread(place + bytesPerRow, fy &- both) &+ spread(place + bytesPerRow + 3, both) &+ halves
    let result = output + channels &* i
    result[0] = UInt8(truncatingIfNeeded: sum &>> 12)
    result[1] = UInt8(truncatingIfNeeded: sum &>> 33)
    result[2] = UInt8(truncatingIfNeeded: sum &>> 54)
    if channels == 4 { result[3] = 255 }
    px &+= dx
    py &+= dy
  }
}
