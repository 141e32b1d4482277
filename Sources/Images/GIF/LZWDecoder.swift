import Files

/// GIF's variant of the compression by Lempel, Ziv and Welch: codes of growing length, the low bits first, in blocks of
/// up to 255 bytes (GIF89a, appendix F).
struct LZWDecoder {
  private let bytes: [UInt8]
  private var position: Int
  private var blockLeft = 0
  private var bits = 0
  private var bitCount = 0
  private let rootBits: Int
  /// Of each code: the code of all but its last byte, and that byte.
  private var prefixes = [Int16](repeating: -1, count: 4096)
  private var suffixes = [UInt8](repeating: 0, count: 4096)

  init(_ bytes: [UInt8], at start: Int) throws(ImageError) {
    self.bytes = bytes
    guard start < bytes.count else { throw .truncated("the file ends in its image data") }
    rootBits = Int(bytes[start])
    guard (1...8).contains(rootBits) else {
      throw .corrupt("codes of \(rootBits) bits do not exist")
    }
    position = start + 1
    for code in 0..<1 << rootBits { suffixes[code] = UInt8(code) }
  }

  /// Fills `output`; `done` tells how many bytes came, also when it throws.
  mutating func decode(
    into output: inout [UInt8], done: inout Int, _ cancellation: Cancellation? = nil
  ) throws(ImageError) {
    let clear = 1 << rootBits
    var codeBits = rootBits + 1
    var next = clear + 2
    var previous = -1
    var stack = [UInt8](repeating: 0, count: 4097)
    // A megapixel is some milliseconds.
    var nextLook = 0
    while done < output.count {
      if done >= nextLook {
        try cancellation?.checkImage()
        nextLook = done + 1 << 20
      }
      let code = try self.code(codeBits)
      if code == clear {
        (codeBits, next, previous) = (rootBits + 1, clear + 2, -1)
        continue
      }
      if code == clear + 1 { throw .truncated("the image data end early") }
      guard code < next || (code == next && previous >= 0) else {
        throw .corrupt("the compressed image data lead nowhere")
      }
      // The bytes of a code come from its last to its first.
      var depth = 0
      var current = code
      if code == next {
        // Not known yet: the previous one and its own first byte.
        current = previous
        depth = 1
      }
      while current >= clear + 2 {
        guard depth < stack.count - 1 else {
          throw .corrupt("the compressed image data lead nowhere")
        }
        stack[depth] = suffixes[current]
        depth += 1
        current = Int(prefixes[current])
      }
      guard current >= 0, current < clear else {
        throw .corrupt("the compressed image data lead nowhere")
      }
      let first = suffixes[current]
      stack[depth] = first
      depth += 1
      if code == next { stack[0] = first }
      for index in stride(from: depth - 1, through: 0, by: -1) {
        guard done < output.count else { break }
        output[done] = stack[index]
        done += 1
      }
      if previous >= 0, next < 4096 {
        prefixes[next] = Int16(previous)
        suffixes[next] = first
        next += 1
        if next == 1 << codeBits, codeBits < 12 { codeBits += 1 }
      }
      previous = code
    }
  }

  private mutating func code(_ count: Int) throws(ImageError) -> Int {
    while bitCount < count {
      if blockLeft == 0 {
        guard position < bytes.count else { throw .truncated("the file ends in its image data") }
        blockLeft = Int(bytes[position])
        position += 1
        if blockLeft == 0 { throw .truncated("the image data end early") }
      }
      guard position < bytes.count else { throw .truncated("the file ends in its image data") }
      bits |= Int(bytes[position]) << bitCount
      bitCount += 8
      position += 1
      blockLeft -= 1
    }
    let code = bits & (1 << count - 1)
    bits >>= count
    bitCount -= count
    return code
  }
}
