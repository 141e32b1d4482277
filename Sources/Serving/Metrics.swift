import Files
import Glibc
import Synchronization

/// Counts what the server does, in the text format of Prometheus (version 0.0.4).
package final class Metrics: Sendable {
  private struct Endpoint: Hashable, Comparable {
    let name: String
    let status: Int
    static func < (a: Self, b: Self) -> Bool { (a.name, a.status) < (b.name, b.status) }
  }

  private struct Histogram {
    var counts: [Int]
    var sum = 0.0

    init(_ bounds: [Double]) { counts = Array(repeating: 0, count: bounds.count + 1) }

    mutating func add(_ value: Double, _ bounds: [Double]) {
      counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
      sum += value
    }
  }

  private struct State {
    var requests: [Endpoint: Int] = [:]
    var seconds: [String: Histogram] = [:]
    var batches: [String: Histogram] = [:]
    var cancelled = 0
    var received = 0
    var sent = 0
    var connections = 0
  }

  private static let secondBounds = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ]
  private static let batchBounds: [Double] = [1, 2, 4, 8, 16, 32]

  private let state = Mutex(State())
  private let start = MonotonicClock.seconds

  package init() {}

  var connections: Int {
    get { state.withLock { $0.connections } }
    set { state.withLock { $0.connections = newValue } }
  }

  func count(_ endpoint: String, status: Int, seconds: Double) {
    state.withLock { state in
      state.requests[Endpoint(name: endpoint, status: status), default: 0] += 1
      state.seconds[endpoint, default: Histogram(Self.secondBounds)].add(seconds, Self.secondBounds)
    }
  }

  func countCancellation() { state.withLock { $0.cancelled += 1 } }
  func countReceived(_ bytes: Int) { state.withLock { $0.received += bytes } }
  func countSent(_ bytes: Int) { state.withLock { $0.sent += bytes } }

  /// Notes how many inputs went through a network together.
  package func countBatch(_ size: Int, network: String) {
    state.withLock {
      $0.batches[network, default: Histogram(Self.batchBounds)].add(Double(size), Self.batchBounds)
    }
  }

  /// Everything, as `/metrics` gives it.
  ///
  /// - Parameter load: how many requests wait and how many are admitted.
  package func text(load: (waiting: Int, working: Int)) -> String {
    let state = state.withLock { $0 }
    var text = ""
    func describe(_ name: String, _ type: String, _ help: String) {
      text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }
    func line(_ name: String, _ labels: [(String, String)], _ value: String) {
      let list = labels.map { "\($0)=\(jsonText($1))" }.joined(separator: ",")
      text += name + (list.isEmpty ? "" : "{\(list)}") + " \(value)\n"
    }
    func gauge(_ name: String, _ help: String, _ value: String) {
      describe(name, "gauge", help)
      line(name, [], value)
    }
    func counter(_ name: String, _ help: String, _ value: Int) {
      describe(name, "counter", help)
      line(name, [], "\(value)")
    }
    func histograms(
      _ name: String, _ help: String, _ label: String, _ all: [String: Histogram],
      _ bounds: [Double]
    ) {
      describe(name, "histogram", help)
      for (key, histogram) in all.sorted(by: { $0.key < $1.key }) {
        var sum = 0
        for (index, count) in histogram.counts.enumerated() {
          sum += count
          let bound = index < bounds.count ? "\(bounds[index])" : "+Inf"
          line("\(name)_bucket", [(label, key), ("le", bound)], "\(sum)")
        }
        line("\(name)_sum", [(label, key)], "\(histogram.sum)")
        line("\(name)_count", [(label, key)], "\(sum)")
      }
    }
    describe("vision_requests_total", "counter", "Requests answered, by endpoint and status.")
    for (endpoint, count) in state.requests.sorted(by: { $0.key < $1.key }) {
      line(
        "vision_requests_total", [("endpoint", endpoint.name), ("status", "\(endpoint.status)")],
        "\(count)")
    }
    histograms(
      "vision_request_duration_seconds", "Time from a request's header to the end of its answer.",
      "endpoint", state.seconds, Self.secondBounds)
    histograms(
      "vision_batch_images", "Inputs that went through a network together.", "model",
      state.batches, Self.batchBounds)
    counter(
      "vision_cancelled_requests_total", "Requests whose client went before the answer.",
      state.cancelled)
    counter("vision_received_bytes_total", "Bytes of request bodies.", state.received)
    counter("vision_sent_bytes_total", "Bytes of answers' bodies.", state.sent)
    gauge("vision_connections", "Open connections.", "\(state.connections)")
    gauge("vision_waiting_requests", "Requests that wait for a processor.", "\(load.waiting)")
    gauge("vision_working_requests", "Requests that are worked on.", "\(load.working)")
    gauge("process_resident_memory_bytes", "Resident memory.", "\(Self.residentBytes)")
    gauge(
      "vision_uptime_seconds", "Time since the start.", "\(MonotonicClock.seconds - start)")
    return text
  }

  /// What the process occupies in memory; 0 where the system does not say.
  private static var residentBytes: Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 128)
    guard fgets(&buffer, 128, file) != nil else { return 0 }
    let text = String(
      decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}
