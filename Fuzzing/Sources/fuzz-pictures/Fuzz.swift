import Glibc

// libFuzzer's entry points. Each program has its enumeration `Reader`, with a function that reads bytes,
// which may be anything, and seeds to set out from. What a reader throws is an answer; only a crash, a hang, or
// an answer that contradicts another one is found.

extension Reader {
  /// The reader that the environment variable FUZZ names.
  fileprivate static let chosen: Reader = {
    let name = getenv("FUZZ").map { String(cString: $0) } ?? ""
    guard let reader = Reader(rawValue: name) else {
      let names = allCases.map(\.rawValue).joined(separator: ", ")
      print("FUZZ names what reads: \(names)")
      exit(64)
    }
    return reader
  }()
}

/// The first call. Where FUZZ_SEEDS names a folder, it gets seeds, and that is all.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
  _ count: UnsafeMutableRawPointer?, _ arguments: UnsafeMutableRawPointer?
) -> CInt {
  guard let folder = getenv("FUZZ_SEEDS").map({ String(cString: $0) }) else { return 0 }
  for (number, seed) in Reader.chosen.seeds.enumerated() {
    guard let file = fopen("\(folder)/seed-\(number)", "wb") else { continue }
    fwrite(seed, 1, seed.count, file)
    fclose(file)
  }
  exit(0)
}

/// The call for each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  Reader.chosen.read(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}
