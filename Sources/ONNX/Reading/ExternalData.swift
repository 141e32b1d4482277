import Files
import FoundationEssentials
import Glibc

/// The files beside an ONNX file that hold elements of its tensors (ONNX, "External Data").
///
/// A file from elsewhere must not make us read what its sender cannot see: names are relative, without
/// `..`, and what they name lies in the folder of the model, links followed.
struct ExternalData {
  /// The folder of the model.
  private let folder: String
  private var files: [String: MappedFile] = [:]

  /// What `data_location` says of a tensor whose elements lie in another file.
  private static let externalLocation: Int32 = 1

  /// - Parameter path: the model's.
  init(beside path: String) {
    folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "./"
  }

  /// Gives all tensors of a model that lie elsewhere their bytes, which stay in their files until they
  /// are touched.
  mutating func resolve(_ model: inout ProtoModel) throws(ONNXError) {
    try resolve(&model.graph)
    for index in model.functions.indices { try resolve(&model.functions[index].node) }
  }

  private mutating func resolve(_ graph: inout ProtoGraph) throws(ONNXError) {
    for index in graph.initializer.indices { try resolve(&graph.initializer[index]) }
    try resolve(&graph.node)
  }

  private mutating func resolve(_ nodes: inout [ProtoNode]) throws(ONNXError) {
    for node in nodes.indices {
      for index in nodes[node].attribute.indices {
        if nodes[node].attribute[index].hasT { try resolve(&nodes[node].attribute[index].t) }
        if nodes[node].attribute[index].hasG { try resolve(&nodes[node].attribute[index].g) }
      }
    }
  }

  private mutating func resolve(_ tensor: inout ProtoTensor) throws(ONNXError) {
    guard tensor.dataLocation == Self.externalLocation else { return }
    let told = Dictionary(
      tensor.externalData.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    let who = "the tensor \(tensor.name)"
    guard let location = told["location"], !location.isEmpty else {
      throw .invalid("\(who) does not say in which file it lies")
    }
    let file = try open(location, for: who)
    func number(_ key: String, _ standard: Int) throws(ONNXError) -> Int {
      guard let text = told[key], !text.isEmpty else { return standard }
      guard let number = Int(text), number >= 0 else {
        throw .invalid("\(who) lies at \(key) \(text) of \(location)")
      }
      return number
    }
    let offset = try number("offset", 0)
    let length = try number("length", max(file.bytes.count - offset, 0))
    guard offset <= file.bytes.count, length <= file.bytes.count - offset else {
      throw .invalid(
        "\(location) is cut short: \(who) ends at byte \(offset.addingReportingOverflow(length).partialValue), "
          + "\(file.bytes.count) are there")
    }
    tensor.dataLocation = 0
    tensor.externalData = []
    guard length > 0, let base = file.bytes.baseAddress else { return }
    // The bytes lie within the mapping, which the data keeps; nothing writes to them.
    tensor.rawData = Data(
      bytesNoCopy: UnsafeMutableRawPointer(mutating: base + offset), count: length,
      deallocator: .custom { _, _ in withExtendedLifetime(file) {} })
  }

  private mutating func open(_ location: String, for who: String) throws(ONNXError) -> MappedFile {
    if let known = files[location] { return known }
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    guard !location.hasPrefix("/"), !parts.contains(".."), !location.utf8.contains(0) else {
      throw .unsupported(
        "\(who) lies outside of the model's folder (\(location)), where nothing is read")
    }
    guard let path = Self.realPath(folder + location), let root = Self.realPath(folder) else {
      throw .invalid("\(who) lies in \(location), and beside the model there is no such file")
    }
    guard path.hasPrefix(root == "/" ? root : root + "/") else {
      throw .unsupported(
        "\(who) lies outside of the model's folder (\(location) is a link), where nothing is read; "
          + "copy the file there")
    }
    do throws(FileError) {
      let file = try MappedFile(path: path)
      files[location] = file
      return file
    } catch { throw .invalid("\(who) lies in \(location): \(error)") }
  }

  /// A path without links and dots; nil where there is nothing.
  private static func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
