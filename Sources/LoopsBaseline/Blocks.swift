import CProcessor

/// Samples that a loop computes before it asks for further memory.
let blockLength = 256

/// Calls `body` for the blocks of `0..<count` and then for what is left, and has the memory that a
/// later block reads and writes fetched meanwhile.
///
/// A window's arithmetic fills all that a processor looks ahead, so on images beyond the cache a
/// loop would compute and wait in turn. Measured on 36 MB in and out: sharpening takes 3.1 ms
/// without it and 2.0 with it, a copy 1.9.
@inline(__always)
func inBlocks(
  of count: Int, reading input: UnsafePointer<UInt8>, writing output: UnsafeMutablePointer<UInt8>,
  _ body: (_ first: Int, _ count: Int) -> Void
) {
  var first = 0
  while first &+ blockLength <= count {
    fetchAhead(reading: input + first, writing: output + first)
    body(first, blockLength)
    first &+= blockLength
  }
  body(first, count &- first)
}

/// Asks for the lines of the block a page further.
///
/// Safe: the addresses may lie outside of everything, for they are only hints.
@inline(__always)
func fetchAhead(reading input: UnsafePointer<UInt8>, writing output: UnsafeMutablePointer<UInt8>) {
  var offset = 4096
  while offset < 4096 &+ blockLength {
    processor_fetch_to_read(input, offset)
    processor_fetch_to_write(output, offset)
    offset &+= 64
  }
}
