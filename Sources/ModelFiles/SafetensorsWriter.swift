import Files
import Tensors

extension Safetensors {
  /// Writes tensors and text to a file, which appears under its name only when it is whole.
  ///
  /// The same contents give the same bytes: tensors in the table's order, metadata by key, the header
  /// padded with spaces so that the data begins at a multiple of 8.
  ///
  /// - Parameter precision: what the elements are rounded to (nearest, ties to even).
  public static func write(
    _ tensors: TensorTable, metadata: [String: String] = [:],
    precision: StoredPrecision = .float32, to path: String
  ) throws(ModelFileError) {
    guard tensors["__metadata__"] == nil else {
      throw .unwritable("no tensor can be called __metadata__")
    }
    var header = "{"
    if !metadata.isEmpty {
      let texts = metadata.sorted { $0.key < $1.key }.map {
        "\(JSONHeader.quoted($0.key)):\(JSONHeader.quoted($0.value))"
      }
      header += "\"__metadata__\":{\(texts.joined(separator: ","))}"
    }
    var end = 0
    for (name, tensor) in tensors {
      let start = end
      end += tensor.count * precision.elementType.byteCount
      let shape = tensor.shape.dimensions.map(String.init).joined(separator: ",")
      if header.utf8.count > 1 { header += "," }
      header +=
        "\(JSONHeader.quoted(name)):{\"dtype\":\"\(precision.elementType.rawValue)\","
        + "\"shape\":[\(shape)],\"data_offsets\":[\(start),\(end)]}"
    }
    header += "}"
    header += String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    guard header.utf8.count <= maxHeaderBytes else {
      throw .unwritable("the names and texts take more than \(maxHeaderBytes) bytes")
    }
    let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { [UInt8]($0) }
    do throws(FileError) {
      let file = try AtomicFile(path: path)
      try file.write(length + Array(header.utf8))
      for (_, tensor) in tensors {
        try tensor.withUnsafeBufferPointer { floats throws(FileError) in
          for start in stride(from: 0, to: floats.count, by: chunk) {
            try file.write(precision.bytes(of: floats[start..<min(start + chunk, floats.count)]))
          }
        }
      }
      try file.commit()
    } catch {
      throw ModelFileError(error)
    }
  }

  /// Elements converted at a time.
  private static let chunk = 1 << 18
}
