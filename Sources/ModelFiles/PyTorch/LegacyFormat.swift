/// The form before PyTorch 1.6: pickles of a magic number, a version, facts about the machine, the
/// object and the storages' keys; then for each key its count of elements and their bytes.
enum LegacyFormat {
  /// 0x1950a86a20f9469cfc6c, little-endian.
  private static let magic: [UInt8] = [
    0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19,
  ]
  private static let version = 1001

  static func read(
    _ bytes: UnsafeRawBufferPointer
  ) throws(ModelFileError) -> (PickleContents, StorageTable) {
    guard PyTorchFile.isPickle(bytes) else {
      throw .corrupt("it begins neither as a zip archive nor as a pickle", format: format)
    }
    var position = 0
    func next() throws(ModelFileError) -> PickleContents {
      var unpickler = Unpickler(bytes, at: position)
      let contents = try unpickler.load()
      position = unpickler.position
      return contents
    }
    guard case .wideInteger(magic) = try next().root else {
      throw .corrupt("a pickle without PyTorch's magic number", format: format)
    }
    guard case .integer(version) = try next().root else {
      throw .unsupported("another version of the legacy form than \(version)")
    }
    let machine = try next()
    if case .bool(let isLittleEndian)? = machine.member("little_endian", of: machine.root) {
      try PyTorchFile.requireLittleEndian(isLittleEndian)
    }
    let contents = try next()
    let keys = try next()
    guard let names = keys.elements(keys.root) else {
      throw .corrupt("no list of storages", format: format)
    }
    var types: [String: ElementType?] = [:]
    for storage in contents.storages { types[storage.key] = storage.type }

    var places: [String: StorageTable.Place] = [:]
    for name in names {
      guard case .text(let key) = name, let type = types[key] else {
        throw .corrupt("a storage that no tensor names", format: format)
      }
      guard bytes.count - position >= 8 else {
        throw .truncated("the storage \(key) is missing")
      }
      // Eight bytes are there, as just checked.
      let count = Int(
        clamping: UInt64(
          littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)))
      position += 8
      let (size, overflow) = count.multipliedReportingOverflow(by: type?.byteCount ?? 1)
      guard !overflow, size <= bytes.count - position else {
        throw .truncated("the storage \(key) of \(count) elements runs past the end")
      }
      places[key] = .plain(position..<position + size)
      position += size
    }
    return (contents, StorageTable(places))
  }

  private static var format: String { PyTorchFile.format }
}
