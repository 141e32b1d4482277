import CCodecs
import Glibc

/// Decompresses one zlib or gzip stream that comes in pieces.
package final class Inflater {
  package enum Status {
    case more
    case done
    case corrupt
    case wrongChecksum
  }

  private let state: OpaquePointer

  package init(gzip: Bool = false) throws(FileError) {
    guard let state = vision_inflate_create(gzip ? VISION_INFLATE_GZIP : VISION_INFLATE_ZLIB)
    else {
      throw .system("cannot decompress", errno: ENOMEM)
    }
    self.state = state
  }

  deinit { vision_inflate_destroy(state) }

  /// Takes from `input` and writes to `output` until one of the two is used up or the stream ends.
  package func run(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) -> (status: Status, consumed: Int, produced: Int) {
    let step = vision_inflate_run(
      state, input.assumingMemoryBound(to: UInt8.self).baseAddress, input.count,
      output.assumingMemoryBound(to: UInt8.self).baseAddress, output.count)
    let status: Status =
      switch step.status {
      case VISION_INFLATE_MORE: .more
      case VISION_INFLATE_DONE: .done
      case VISION_INFLATE_CHECKSUM: .wrongChecksum
      default: .corrupt
      }
    return (status, step.consumed, step.produced)
  }
}

/// Decompresses a whole zlib stream; nil when it is damaged or its contents pass `limit` bytes.
package func inflate(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
  guard let inflater = try? Inflater() else { return nil }
  var result: [UInt8] = []
  var position = 0
  var piece = [UInt8](repeating: 0, count: 64 << 10)
  while true {
    let step = bytes.withUnsafeBytes { input in
      piece.withUnsafeMutableBytes { output in
        inflater.run(UnsafeRawBufferPointer(rebasing: input[position...]), into: output)
      }
    }
    position += step.consumed
    result.append(contentsOf: piece[..<step.produced])
    guard result.count <= limit else { return nil }
    switch step.status {
    case .done: return result
    case .more: if step.consumed == 0, step.produced == 0 { return nil }
    case .corrupt, .wrongChecksum: return nil
    }
  }
}
