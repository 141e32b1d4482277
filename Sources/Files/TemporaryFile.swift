import Glibc

/// A named temporary file that is removed when the process is told to stop (SIGINT, SIGTERM, SIGHUP, SIGPIPE).
final class TemporaryFile {
  /// A C string.
  let path: [CChar]
  let descriptor: Int32
  private let slot: Int?

  /// Makes an empty file in the folder of `target`.
  init(beside target: [CChar]) throws(FileError) {
    while true {
      let path = Self.name(beside: target)
      let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 {
        self.path = path
        self.descriptor = descriptor
        slot = RemovedOnSignal.add(path)
        return
      }
      if errno != EEXIST { throw .system("cannot write", errno: errno) }
    }
  }

  /// The file is no longer temporary.
  func forget() { if let slot { RemovedOnSignal.remove(slot) } }

  func remove() {
    unlink(path)
    forget()
  }

  /// Calls `body`; a signal in the meantime removes the file of this name.
  static func removingOnSignal<Result, Failure: Error>(
    _ path: [CChar], _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let slot = RemovedOnSignal.add(path)
    defer { if let slot { RemovedOnSignal.remove(slot) } }
    return try body()
  }

  /// A hidden name in the target's folder that is most likely free.
  static func name(beside target: [CChar]) -> [CChar] {
    let digits = String(UInt32.random(in: 0...UInt32.max), radix: 36)
    return AtomicFile.folder(of: target).dropLast() + "/.vision-\(digits).tmp".utf8CString
  }
}

/// The temporary files that a signal's handler removes.
///
/// The handler may do little: it walks over a table of C strings that is never freed or moved, calls
/// `unlink`, and lets the signal take its usual course. A slot is filled by one pointer-sized store
/// and emptied by another.
private enum RemovedOnSignal {
  static let monitor = Monitor()
  /// Computed, so that the handler need not go through the lazy start of a stored one.
  static var slots: Int { 64 }
  /// Unsafe: written inside `monitor`, read by the handler, which only sees whole pointers.
  nonisolated(unsafe) static var table: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?

  /// The slot that was taken; nil when all are.
  static func add(_ path: [CChar]) -> Int? {
    monitor.withLock {
      if table == nil { install() }
      guard let table, let slot = (0..<slots).first(where: { table[$0] == nil }) else { return nil }
      table[slot] = strdup(path)
      return slot
    }
  }

  static func remove(_ slot: Int) {
    monitor.withLock {
      // Not freed: the handler may be reading it on another thread. A few dozen bytes a file.
      table?[slot] = nil
    }
  }

  private static func install() {
    let table = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: slots)
    table.initialize(repeating: nil, count: slots)
    self.table = table
    for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] {
      var old = sigaction()
      // Who handles or ignores the signal already is left in peace.
      guard sigaction(number, nil, &old) == 0, old.__sigaction_handler.sa_handler == nil else {
        continue
      }
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { number in
        if let table = RemovedOnSignal.table {
          for slot in 0..<RemovedOnSignal.slots {
            if let path = table[slot] { unlink(path) }
          }
        }
        signal(number, SIG_DFL)
        raise(number)
      }
      sigaction(number, &action, nil)
    }
  }
}
