import Files

/// What a file is, told from its bytes, never from its name.
package enum FileKind: Equatable {
  case safetensors
  /// Weights in a zip archive or a pickle, as PyTorch writes them.
  case pyTorch
  /// Nothing that is read here: what it is, and what to do.
  case foreign(String)
  case unknown

  /// Tells a mapped file, which stays mapped until it is told.
  package init(_ file: MappedFile) {
    self = withExtendedLifetime(file) { FileKind(file.bytes) }
  }

  init(_ bytes: UnsafeRawBufferPointer) {
    // A header's length may look like the beginning of anything else, so this comes first.
    if Self.isSafetensors(bytes) {
      self = .safetensors
    } else if let what = Self.archive(bytes) {
      self = .foreign(what)
    } else if PyTorchFile.isArchive(bytes) || PyTorchFile.isPickle(bytes) {
      self = .pyTorch
    } else if let kind = Self.kinds.first(where: { $0.fits(bytes) }) {
      self = .foreign(kind.what)
    } else if let what = Self.text(bytes) {
      self = .foreign(what)
    } else {
      self = .unknown
    }
  }

  /// Whether a header of the length that the first eight bytes say begins with a brace.
  private static func isSafetensors(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count > 8, bytes[8] == UInt8(ascii: "{") else { return false }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    return length > 0 && length <= UInt64(Safetensors.maxHeaderBytes)
  }

  // MARK: - Foreign files

  private struct Kind {
    let offset: Int
    let signature: [UInt8]
    let what: String

    init(_ signature: String, at offset: Int = 0, _ what: String) {
      self.init(Array(signature.utf8), at: offset, what)
    }

    init(_ signature: [UInt8], at offset: Int = 0, _ what: String) {
      (self.offset, self.signature, self.what) = (offset, signature, what)
    }

    func fits(_ bytes: UnsafeRawBufferPointer) -> Bool {
      bytes.count >= offset + signature.count
        && bytes[offset..<offset + signature.count].elementsEqual(signature)
    }
  }

  private static let unpack = "unpack it first"
  private static let kinds = [
    Kind(
      [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A],
      "this is an HDF5 file, as Keras writes them (.h5); export the network as ONNX, or its weights "
        + "as safetensors"),
    Kind("TFL3", at: 4, "this is a TensorFlow Lite file (.tflite); export the network as ONNX"),
    Kind([0x93] + Array("NUMPY".utf8), "this is a NumPy array (.npy), no model"),
    Kind("GGUF", "this is a GGUF file, of a language model, which is not read here"),
    Kind([0x89] + Array("PNG".utf8), "this is a PNG image, no model"),
    Kind([0xFF, 0xD8, 0xFF], "this is a JPEG image, no model"),
    Kind("GIF8", "this is a GIF image, no model"),
    Kind("RIFF", "this is a WebP image or a sound, no model"),
    Kind("%PDF", "this is a PDF document, no model"),
    Kind([0x1F, 0x8B], "this is a gzip archive; \(unpack)"),
    Kind("BZh", "this is a bzip2 archive; \(unpack)"),
    Kind([0xFD] + Array("7zXZ".utf8), "this is an xz archive; \(unpack)"),
    Kind([0x28, 0xB5, 0x2F, 0xFD], "this is a zstd archive; \(unpack)"),
    Kind("7z", "this is a 7-Zip archive; \(unpack)"),
    Kind("ustar", at: 257, "this is a tar archive; \(unpack)"),
    Kind([0x7F] + Array("ELF".utf8), "this is a program, no model"),
  ]

  /// What a zip archive is that is none of PyTorch's.
  private static func archive(_ bytes: UnsafeRawBufferPointer) -> String? {
    guard PyTorchFile.isArchive(bytes) else { return nil }
    guard let names = try? ZipArchive(bytes).entries.values.map(\.name) else {
      // Cut short, or damaged: who reads it says so.
      return nil
    }
    if names.contains(where: { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }) { return nil }
    if names.contains("model.weights.h5") {
      return "this is a Keras archive (.keras); export the network as ONNX"
    }
    if !names.isEmpty, names.allSatisfy({ $0.hasSuffix(".npy") }) {
      return "these are NumPy arrays (.npz); write them as safetensors"
    }
    return "this is a zip archive of something else than weights; \(unpack)"
  }

  /// What a text is that stands where a model should.
  private static func text(_ bytes: UnsafeRawBufferPointer) -> String? {
    if bytes.isEmpty { return "the file is empty" }
    let start = bytes.prefix(1024)
    guard start.allSatisfy({ $0 >= 0x20 || [0x09, 0x0A, 0x0C, 0x0D].contains($0) }) else {
      return nil
    }
    let text = String(decoding: start, as: UTF8.self)
    let lower = text.lowercased().drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    if lower.hasPrefix("version https://git-lfs") {
      return "this is a Git LFS pointer, not the file it stands for; fetch that with 'git lfs pull'"
    }
    if lower.hasPrefix("<!doctype html") || lower.hasPrefix("<html") || lower.hasPrefix("<head") {
      return
        "this is a web page, not the file it should be; download it again, from its direct address"
    }
    if lower.hasPrefix("<?xml") { return "this is XML, no model; export the network as ONNX" }
    if lower.hasPrefix("{") || lower.hasPrefix("[") {
      return "this is JSON, no model: the weights lie in another file"
    }
    return "this is text, no model"
  }
}
