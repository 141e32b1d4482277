import FoundationEssentials
import Tensors

/// Named tensors that another library computed, read from a JSON file beside the tests:
/// `{"name": {"shape": [2, 3], "values": [...]}, ...}`.
public struct Fixture {
  private struct Entry: Decodable {
    let shape: [Int]
    let values: [Double]
  }

  public struct Missing: Error, CustomStringConvertible {
    public let description: String
  }

  private let entries: [String: Entry]

  /// Reads `Fixtures/name` beside the calling test file.
  public init(_ name: String, beside testFile: String = #filePath) throws {
    let folder = testFile.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let path = folder.joined(separator: "/") + "/Fixtures/" + name
    let data = try Data(contentsOf: URL(filePath: path))
    entries = try JSONDecoder().decode([String: Entry].self, from: data)
  }

  /// All names, sorted.
  public var names: [String] { entries.keys.sorted() }

  /// The tensor of that name.
  public func tensor(_ name: String) throws -> ReferenceTensor {
    guard let entry = entries[name] else { throw Missing(description: "no \(name) in the fixture") }
    return ReferenceTensor(Shape(entry.shape), entry.values)
  }
}
