import Files

/// One thread that works on what is handed to it, together where that is possible: while it works on some, others
/// gather, and these go together next. Nothing waits for a batch to fill.
///
/// Unchecked: everything that changes does so inside the monitor.
package final class BatchQueue<Item: Sendable>: @unchecked Sendable {
  private struct Entry {
    let item: Item
    let key: String
    let cancellation: Cancellation
  }

  private let monitor = Monitor()
  private var waiting: [Entry] = []
  private var thread: JoinableThread?

  /// - Parameters:
  ///   - largest: how many items of a key go together at most.
  ///   - work: gets items of one key in the order in which they came; called on the queue's thread.
  package init(
    largest: @escaping @Sendable (String) -> Int,
    work: @escaping @Sendable (String, [Item]) -> Void
  ) {
    thread = JoinableThread { [weak self] in
      while let (key, items) = self?.next(largest) { work(key, items) }
    }
  }

  /// Hands in an item; one that is cancelled before its turn is left out.
  package func add(_ item: Item, key: String, _ cancellation: Cancellation) {
    monitor.withLock {
      waiting.append(Entry(item: item, key: key, cancellation: cancellation))
      monitor.signal()
    }
  }

  private func next(_ largest: (String) -> Int) -> (String, [Item])? {
    while true {
      let key = monitor.withLock { () -> String in
        while true {
          waiting.removeAll { $0.cancellation.isCancelled }
          if let first = waiting.first { return first.key }
          monitor.wait()
        }
      }
      // Asked outside the lock: it may be told by a network that is loaded first.
      let most = max(1, largest(key))
      let items = monitor.withLock { () -> [Item] in
        var items: [Item] = []
        waiting.removeAll { entry in
          guard entry.key == key, items.count < most else { return false }
          if !entry.cancellation.isCancelled { items.append(entry.item) }
          return true
        }
        return items
      }
      if !items.isEmpty { return (key, items) }
    }
  }
}
