import Files
import Images

/// What was counted of a step's result.
public struct Measurement: Sendable, Equatable, Encodable {
  /// The filter's name.
  public let filter: String
  /// Width and height of the result.
  public let width: Int
  public let height: Int
  /// The share of pixels that are not black (in some color channel).
  public fileprivate(set) var area = 0.0
  /// How many parts these make up, of neighbors along sides and corners.
  public fileprivate(set) var components = 0
  /// The threshold that the filter chose, if it chose one.
  public fileprivate(set) var threshold: Double?
  /// For each color channel, how many samples have each of 256 levels (of 16 bits: the upper eight).
  public fileprivate(set) var histogram: [[Int]]
}

/// Takes the measurements that the steps of a chain ask for, while the rows are read.
///
/// Used from one thread at a time.
public final class Measurements {
  /// In the order of the steps; complete after the last row.
  public private(set) var all: [Measurement] = []

  public init() {}

  fileprivate func reserve(_ measurement: Measurement) -> Int {
    all.append(measurement)
    return all.count - 1
  }

  fileprivate func set(_ measurement: Measurement, at index: Int) { all[index] = measurement }
}

/// Hands rows through and counts what they show.
final class MeasuringSource: RowSource {
  private let step: StepSource
  private let measurements: Measurements
  private let place: Int
  private var result: Measurement
  private var components: ComponentCounter
  private var visible = 0
  private var done = 0

  init(_ step: StepSource, filter: String, into measurements: Measurements) {
    self.step = step
    self.measurements = measurements
    let layout = step.layout
    result = Measurement(
      filter: filter, width: layout.width, height: layout.height,
      histogram: Array(
        repeating: Array(repeating: 0, count: 256), count: layout.colorChannels))
    components = ComponentCounter(width: layout.width)
    place = measurements.reserve(result)
  }

  var layout: PixelLayout { step.layout }
  var metadata: Metadata { step.metadata }

  func read(_ count: Int, into rows: UnsafeMutableRawPointer) throws(ImageError) -> Int {
    let got = try step.read(count, into: rows)
    for row in 0..<got { measure(rows + row * layout.bytesPerRow) }
    done += got
    if done == layout.height, got > 0 {
      result.area = Double(visible) / Double(max(1, layout.width * layout.height))
      result.components = components.count
      result.threshold = step.threshold
      measurements.set(result, at: place)
    }
    return got
  }

  private func measure(_ row: UnsafeMutableRawPointer) {
    switch layout.sample {
    case .uint8: measure(row, as: UInt8.self, black: 0) { Int($0) }
    case .uint16: measure(row, as: UInt16.self, black: 0) { Int($0 >> 8) }
    case .float32:
      measure(row, as: Float.self, black: 0) {
        $0.isNaN ? 0 : Int((min(max($0, 0), 1) * 255).rounded())
      }
    }
  }

  private func measure<Sample: BitwiseCopyable & Equatable>(
    _ row: UnsafeMutableRawPointer, as type: Sample.Type, black: Sample, level: (Sample) -> Int
  ) {
    let samples = row.assumingMemoryBound(to: type)
    let (channels, colors) = (layout.channels, layout.colorChannels)
    for c in 0..<colors {
      for x in 0..<layout.width { result.histogram[c][level(samples[x * channels + c])] += 1 }
    }
    components.beginRow()
    var start: Int?
    for x in 0...layout.width {
      let isVisible =
        x < layout.width && (0..<colors).contains { samples[x * channels + $0] != black }
      if isVisible {
        visible += 1
        if start == nil { start = x }
      } else if let first = start {
        components.addRun(first..<x)
        start = nil
      }
    }
  }
}

/// Counts connected parts (by sides and corners) from runs of rows from top to bottom: as many as there
/// are runs, less one for each that turns out to belong to another (union–find, Tarjan 1975, of which
/// only two rows are kept).
struct ComponentCounter {
  private(set) var count = 0
  private var above: [(columns: Range<Int>, part: Int)] = []
  private var row: [(columns: Range<Int>, part: Int)] = []
  private var parents: [Int] = []
  private var next = 0

  init(width: Int) {}

  mutating func beginRow() {
    // Only parts that reach the last row can still meet; they are numbered anew.
    var numbers: [Int: Int] = [:]
    above = row.map { run in
      let root = root(of: run.part)
      let number = numbers[root, default: numbers.count]
      numbers[root] = number
      return (run.columns, number)
    }
    parents = Array(0..<numbers.count)
    row = []
    next = 0
  }

  /// Adds a run to the row, behind those that it has.
  mutating func addRun(_ columns: Range<Int>) {
    let part = parents.count
    parents.append(part)
    count += 1
    while next < above.count, above[next].columns.upperBound < columns.lowerBound { next += 1 }
    var touching = next
    while touching < above.count, above[touching].columns.lowerBound <= columns.upperBound {
      let (a, b) = (root(of: above[touching].part), root(of: part))
      if a != b {
        parents[max(a, b)] = min(a, b)
        count -= 1
      }
      touching += 1
    }
    row.append((columns, part))
  }

  private func root(of part: Int) -> Int {
    var part = part
    while parents[part] != part { part = parents[part] }
    return part
  }
}
