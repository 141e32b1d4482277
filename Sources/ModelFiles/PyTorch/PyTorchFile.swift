import Files
import Tensors

/// A PyTorch file of tensors by name (`torch.save(model.state_dict(), path)`, a checkpoint that holds
/// such a dictionary), opened: its pickle was run by a machine that can build tensors and nothing
/// else (``Unpickler``), its tensors are read when asked for.
///
/// Both forms are read: the zip archive of PyTorch 1.6 and later (`data.pkl`, `data/0`, …), and the
/// legacy one, pickles with the storages' bytes behind them.
public struct PyTorchFile: Sendable {
  /// What the file says of one tensor.
  public struct Entry: Sendable, Equatable {
    public var name: String
    public var type: ElementType
    public var shape: Shape
  }

  /// The tensors in the order in which the dictionary holds them.
  public let entries: [Entry]
  /// Under which name of a checkpoint they lie; empty where the file holds nothing else.
  public let part: String
  /// Other networks' tensors in the file, by the names under which they lie.
  public let otherParts: [String]
  /// What the file holds that is no tensor: its names.
  public let passedOver: [String]

  /// How errors call the format.
  static let format = "PyTorch"

  private let file: MappedFile
  private let indices: [String: Int]
  private let views: [StorageView]

  /// Opens a file and checks that every tensor lies within it. Nothing is allocated for tensors.
  ///
  /// - Parameter part: of a checkpoint of several networks the name of the one that is meant.
  /// - Throws: ``ModelFileError/incomplete(_:)`` where there are no tensors, or those of several networks.
  public init(path: String, part: String? = nil) throws(ModelFileError) {
    file = try mapFile(path)
    let bytes = file.bytes
    let contents: PickleContents
    let storages: StorageTable
    if Self.isArchive(bytes) {
      (contents, storages) = try Self.readArchive(bytes)
    } else {
      (contents, storages) = try LegacyFormat.read(bytes)
    }
    var entries: [Entry] = []
    var views: [StorageView] = []
    // Views may share a storage, but in all they cannot be more than the file could say in bytes.
    var room = bytes.count
    let dictionary = try StateDict(contents, part: part)
    for (name, place) in dictionary.entries {
      let tensor = contents.tensors[place]
      let view = try storages.view(of: tensor, name: name)
      let (left, overflow) = room.subtractingReportingOverflow(view.count)
      guard !overflow, left >= 0 else {
        throw .corrupt(
          "\"\(name)\" of shape \(Shape(tensor.extents)) has more elements than the file could hold",
          format: Self.format)
      }
      room = left
      entries.append(Entry(name: name, type: tensor.type, shape: Shape(tensor.extents)))
      views.append(view)
    }
    self.entries = entries
    self.views = views
    self.part = dictionary.part
    (otherParts, passedOver) = (dictionary.otherParts, dictionary.passedOver)
    indices = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.name, $0) })
  }

  /// The tensor of that name as floats, or nil where there is none.
  ///
  /// - Throws: where its bytes are packed and damaged.
  public func tensor(_ name: String) throws(ModelFileError) -> Tensor? {
    guard let index = indices[name] else { return nil }
    return try views[index].tensor(in: file.bytes)
  }

  /// Whether a file's first bytes are those of a zip archive.
  static func isArchive(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.starts(with: [0x50, 0x4B, 3, 4])
  }

  /// Whether a file's first bytes are those of a pickle, as the legacy form begins with one.
  static func isPickle(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.count > 2 && bytes[0] == 0x80 && (2...5).contains(bytes[1])
  }

  private static func readArchive(
    _ bytes: UnsafeRawBufferPointer
  ) throws(ModelFileError) -> (PickleContents, StorageTable) {
    let archive = try ZipArchive(bytes)
    guard
      let pickle = archive.entries.values.filter({
        $0.name == "data.pkl" || $0.name.hasSuffix("/data.pkl")
      }).min(by: { $0.name.utf8.count < $1.name.utf8.count })
    else { throw .corrupt("the archive holds no data.pkl", format: format) }
    let folder = pickle.name.dropLast("data.pkl".count)
    func contents(_ entry: ZipArchive.Entry) throws(ModelFileError) -> [UInt8] {
      entry.isDeflated
        ? try ZipArchive.unpack(entry, of: bytes)
        : Array(bytes[entry.start..<entry.start + entry.count])
    }
    if let order = archive.entries[folder + "byteorder"], order.count < 100 {
      try requireLittleEndian(String(decoding: try contents(order), as: UTF8.self) != "big")
    }
    guard pickle.count <= PickleReader.largest else {
      throw .unsupported("a pickle of more than \(PickleReader.largest >> 20) MiB")
    }
    let program = try contents(pickle)
    let made = try program.withUnsafeBufferPointer { (program) throws(ModelFileError) in
      var unpickler = Unpickler(UnsafeRawBufferPointer(program))
      return try unpickler.load()
    }
    let prefix = folder + "data/"
    var places: [String: StorageTable.Place] = [:]
    for (name, entry) in archive.entries where name.hasPrefix(prefix) {
      places[String(name.dropFirst(prefix.count))] =
        entry.isDeflated ? .packed(entry) : .plain(entry.start..<entry.start + entry.count)
    }
    return (made, StorageTable(places))
  }

  static func requireLittleEndian(_ isLittleEndian: Bool) throws(ModelFileError) {
    guard isLittleEndian else {
      throw .unsupported("numbers stored big end first, as some mainframes do")
    }
  }
}
