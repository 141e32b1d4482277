import Glibc
import ModelFiles
import Tensors
import TestCases
import TestSupport
import Testing

@Suite struct PyTorchFileTests {
  let folder = TestSupport.TemporaryFolder()

  private static func range(_ values: [Int]) -> [Float] { values.map(Float.init) }

  /// What `make_fixtures.py` stored, and how PyTorch shows it.
  static let views: [(name: String, tensor: Tensor)] = [
    ("whole", Tensor([4, 6], range(Array(0..<24)))),
    ("rows", Tensor([2, 6], range(Array(6..<18)))),
    ("column", Tensor([4], [2, 8, 14, 20])),
    ("turned", Tensor([6, 4], range((0..<24).map { $0 % 4 * 6 + $0 / 4 }))),
    ("stepped", Tensor([2, 2], [1, 4, 13, 16])),
    ("expanded", Tensor([2, 3], [1.5, 1.5, 1.5, -2.5, -2.5, -2.5])),
    ("scalar", .scalar(4.5)),
    ("empty", Tensor([0, 3], [])),
    ("parameter", Tensor([2], [7, 8])),
    ("channels_last", Tensor([1, 2, 3, 4], range(Array(0..<24)))),
  ]

  @Test(arguments: [
    "views.pt", "views-legacy.pth", "views-protocol5.pt", "views-deflated.pt", "views-zip64.pt",
  ])
  func viewsAreSeenAsPyTorchSeesThem(name: String) throws {
    let file = try PyTorchFile(path: fixture(name))
    #expect(file.entries.map(\.name) == Self.views.map(\.name))
    for (name, tensor) in Self.views {
      #expect(try file.tensor(name) == tensor, "\(name)")
    }
    #expect(try file.tensor("other") == nil)
  }

  @Test(arguments: ["types.pt", "types-legacy.pth"])
  func everyTypeIsRead(name: String) throws {
    let file = try PyTorchFile(path: fixture(name))
    let reference = try Safetensors(path: fixture("all-types.safetensors"))
    for entry in file.entries where !entry.name.hasPrefix("F8") {
      #expect(try file.tensor(entry.name) == reference[entry.name], "\(entry.name)")
      #expect(
        ElementType(rawValue: entry.name).map { $0 == entry.type } ?? true, "\(entry.name)")
    }
    #expect(file.entries.count == 17)
    #expect(try file.tensor("F8_E4M3")?.scalars == [0, 448, -1.875, 0.001953125])
    #expect(try file.tensor("F8_E5M2")?.scalars == [0, 57344, -1.75, 1.52587890625e-05])
  }

  @Test func theWeightsOfACheckpointAreFound() throws {
    let file = try PyTorchFile(path: fixture("checkpoint.pt"))
    #expect(
      file.entries.map(\.name) == [
        "module.0.weight", "module.0.bias", "module.1.weight", "module.1.bias",
        "module.1.running_mean", "module.1.running_var", "module.1.num_batches_tracked",
      ])
    #expect(try file.tensor("module.0.weight") == Tensor([2, 3], [0, 1, 2, 3, 4, 5]))
    #expect(try file.tensor("module.1.num_batches_tracked") == .scalar(1))
  }

  @Test(.enabled(if: Cases.areThere, Cases.absent))
  func readsWeightsTrainedElsewhere() throws {
    let path = try #require(Cases.folder).path + "/weights/resnet20-12fca82f"
    let file = try WeightsFile(path: path + ".th")
    let reference = try WeightsFile(path: path + ".safetensors")
    #expect(file.entries.count == reference.entries.count)
    for entry in reference.entries {
      #expect(
        try file.tensor("module." + entry.name) == reference.tensor(entry.name), "\(entry.name)")
    }
  }

  // MARK: - Files that would do harm

  @Test(arguments: ["harmful.pt", "harmful-legacy.pth"])
  func callsAreNamedAndNotMade(name: String) throws {
    let file = try PyTorchFile(path: fixture(name))
    #expect(file.passedOver == ["harm (posix.system)"])
    #expect(try file.tensor("weight") == Tensor([2], [1, 1]))
    #expect(access("/tmp/vision-test-was-here", F_OK) != 0)
  }

  // MARK: - Checkpoints

  private static let layer = Tensor([2, 3], range(Array(0..<6)))

  @Test(arguments: ["mixed.pt", "mixed-protocol4.pt"])
  func whatIsNoTensorIsPassedOverByName(name: String) throws {
    let file = try PyTorchFile(path: fixture(name))
    #expect(file.entries.map(\.name) == ["weight", "bias"] && file.part == "state_dict")
    #expect(try file.tensor("weight") == Self.layer)
    #expect(file.otherParts.isEmpty)
    for name in [
      "epoch", "args (argparse.Namespace)", "best (numpy", "classes", "device (torch.device)",
    ] {
      #expect(file.passedOver.contains { $0.hasPrefix(name) }, "\(name) in \(file.passedOver)")
    }
    #expect(file.passedOver.count == 11)
  }

  @Test func numbersBesideTensorsArePassedOver() throws {
    let file = try PyTorchFile(path: fixture("beside.pt"))
    #expect(file.entries.map(\.name) == ["weight", "bias"])
    #expect(file.passedOver.count == 2 && file.passedOver[1] == "note")
  }

  @Test func averagedWeightsAreTakenFirst() throws {
    let file = try PyTorchFile(path: fixture("averaged.pt"))
    #expect(file.part == "ema_state_dict" && file.otherParts == ["state_dict"])
    #expect(try file.tensor("bias") == Tensor([2], [11, 9]))
    let other = try PyTorchFile(path: fixture("averaged.pt"), part: "state_dict")
    #expect(try other.tensor("bias") == Tensor([2], [1, -1]))
  }

  @Test func ofSeveralNetworksOneMustBeChosen() throws {
    let path = fixture("two-networks.pt")
    let error = #expect(throws: ModelFileError.self) { try PyTorchFile(path: path) }
    #expect(
      error?.description == "the file holds several networks: netG, netD; say which with --part")
    let file = try PyTorchFile(path: path, part: "netD")
    #expect(file.otherParts == ["netG"])
    #expect(try file.tensor("bias") == Tensor([2], [11, 9]))
    let absent = #expect(throws: ModelFileError.self) { try PyTorchFile(path: path, part: "netE") }
    #expect(absent?.description == "the file holds no part netE; it has netG, netD")
  }

  @Test func wholeModulesAreRefusedWithAdvice() {
    let error = #expect(throws: ModelFileError.self) {
      try PyTorchFile(path: fixture("whole-module.pt"))
    }
    #expect(error?.description.contains("torch.nn.modules.linear.Linear") == true)
    #expect(error?.description.contains("torch.save(model.state_dict(), path)") == true)
  }

  // MARK: - Damaged files

  @Test(arguments: ["views.pt", "views-legacy.pth", "views-deflated.pt"])
  func everyTruncationIsRefused(name: String) {
    let whole = contents(fixture(name))
    for count in stride(from: 0, to: whole.count, by: 5) {
      let path = folder.write(Array(whole[..<count]), to: "cut")
      #expect(throws: ModelFileError.self, "\(count)") { try PyTorchFile(path: path) }
    }
  }

  @Test(arguments: [
    "views.pt", "views-legacy.pth", "views-deflated.pt", "views-zip64.pt", "types-legacy.pth",
    "checkpoint.pt",
  ])
  func anyChangedByteIsReadOrRefused(name: String) {
    let whole = contents(fixture(name))
    for (count, index) in stride(from: 0, to: whole.count, by: 7).enumerated() {
      var changed = whole
      changed[index] ^= [1, 0x80, 0xFF][count % 3]
      guard let file = try? PyTorchFile(path: folder.write(changed, to: "changed")) else {
        continue
      }
      for entry in file.entries { _ = try? file.tensor(entry.name) }
    }
  }

  /// A legacy file around a pickle; `storage` has 4 floats.
  static func legacy(_ pickle: [UInt8], storages: [UInt8]? = nil) -> [UInt8] {
    let magic: [UInt8] =
      [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]
    let version: [UInt8] = [0x80, 2, 0x4D, 0xE9, 3, 0x2E]
    let machine: [UInt8] = [0x80, 2, 0x7D, 0x2E]
    let keys: [UInt8] = [0x80, 2, 0x5D, 0x58, 1, 0, 0, 0, 0x30, 0x61, 0x2E]
    let numbers: [UInt8] = [4, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0x3F, count: 16)
    return magic + version + machine + [0x80, 2] + pickle + [0x2E] + keys + (storages ?? numbers)
  }

  private static func text(_ text: String) -> [UInt8] {
    [0x58, UInt8(text.utf8.count), 0, 0, 0] + Array(text.utf8)
  }
  private static func global(_ module: String, _ name: String) -> [UInt8] {
    [0x63] + Array("\(module)\n\(name)\n".utf8)
  }
  /// Eight little-endian bytes.
  private static func number(_ number: Int) -> [UInt8] {
    [0x8A, 8] + (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
  private static func tuple(_ numbers: [Int]) -> [UInt8] {
    [0x28] + numbers.flatMap(number) + [0x74]
  }
  /// `{"a": tensor}` of the storage "0".
  static func tensor(
    type: String = "FloatStorage", count: Int = 4, offset: Int = 0, extents: [Int], strides: [Int],
    view: [UInt8] = [0x4E]
  ) -> [UInt8] {
    let storage =
      [0x28] + text("storage") + global("torch", type) + text("0") + text("cpu") + number(count)
      + view + [0x74, 0x51]
    return [0x7D] + text("a") + global("torch._utils", "_rebuild_tensor_v2") + [0x28] + storage
      + number(offset) + tuple(extents) + tuple(strides) + [0x89, 0x4E, 0x74, 0x52, 0x73]
  }

  @Test func handmadeFilesAreRead() throws {
    let value = Float(bitPattern: 0x3F3F_3F3F)
    let view = [0x28] + Self.text("v") + Self.number(1) + Self.number(3) + [0x74]
    for (pickle, count) in [
      (Self.tensor(extents: [2, 2], strides: [2, 1]), 4),
      (Self.tensor(offset: 3, extents: [1], strides: [9]), 1),
      (Self.tensor(offset: 1, extents: [2], strides: [1], view: view), 2),
      (Self.tensor(offset: 4, extents: [0], strides: [1]), 0),
      (Self.tensor(extents: [40], strides: [0]), 40),
      (Self.tensor(extents: [2, 2, 1], strides: [1, 2, .max]), 4),
    ] {
      let file = try PyTorchFile(path: folder.write(Self.legacy(pickle), to: "f"))
      #expect(try file.tensor("a")?.scalars == Array(repeating: value, count: count))
    }
  }

  static let badPickles: [(name: String, bytes: [UInt8])] = [
    ("nothing", []),
    ("unknown instruction", [0x01]),
    ("protocol 0's text number", Array("I1\n".utf8)),
    ("instances", [0x28] + Array("iposix\nsystem\n".utf8)),
    ("extension registry", [0x82, 1]),
    ("pop of nothing", [0x30]),
    ("pop below a mark", [0x4E, 0x28, 0x30]),
    ("tuple without a mark", [0x74]),
    ("tuple of three from two", [0x4E, 0x4E, 0x87]),
    ("append to a number", [0x4B, 1, 0x4B, 1, 0x61]),
    ("append to nothing", [0x4B, 1, 0x61]),
    ("item of a list", [0x5D, 0x4B, 1, 0x4B, 1, 0x73]),
    ("key without a value", [0x7D, 0x28, 0x4B, 1, 0x75]),
    ("memo that is empty", [0x68, 9]),
    ("memo of nothing", [0x71, 0]),
    ("text past the end", [0x58, 0xFF, 0xFF, 0xFF, 0xFF, 0x61]),
    ("text of 2^64 - 1 bytes", [0x8D] + [UInt8](repeating: 0xFF, count: 8)),
    ("bytes of 2^63 bytes", [0x8E, 0, 0, 0, 0, 0, 0, 0, 0x80]),
    ("text that is not UTF-8", [0x8C, 2, 0xC3, 0x28]),
    ("number past the end", [0x8B, 0xFF, 0xFF, 0xFF, 0x7F]),
    ("name without an end", [0x63] + Array("torch".utf8)),
    ("name that is a number", [0x4B, 1, 0x4B, 1, 0x93]),
    ("call of a number", [0x4B, 1, 0x29, 0x52]),
    ("call with no tuple", global("collections", "OrderedDict") + [0x4E, 0x52]),
    ("call of a type", global("torch", "FloatStorage") + [0x29, 0x52]),
    (
      "dictionary of numbers",
      global("collections", "OrderedDict") + [0x5D, 0x4B, 1, 0x61, 0x85, 0x52]
    ),
    ("tensor of nothing", global("torch._utils", "_rebuild_tensor_v2") + [0x29, 0x52]),
    ("parameter of nothing", global("torch._utils", "_rebuild_parameter") + [0x29, 0x52]),
    ("attributes of a number", [0x4B, 1, 0x7D, 0x62]),
    ("outside object", text("x") + [0x51]),
    ("eval", global("builtins", "eval") + text("1") + [0x85, 0x52]),
    ("eval by name from the stack", text("builtins") + text("eval") + [0x93]),
    ("system by a dotted name", text("torch") + text("os.system") + [0x93]),
    ("no tensor at all", [0x7D]),
    ("a list that holds itself", [0x5D, 0x71, 0, 0x68, 0, 0x61]),
    ("a dictionary that holds itself", [0x7D, 0x71, 0] + text("model") + [0x68, 0, 0x73]),
    ("tuples a million deep", [0x29] + [UInt8](repeating: 0x85, count: 1_000_000)),
    (
      "lists a million deep",
      [0x5D] + (0..<1_000_000).flatMap { _ in [0x5D] as [UInt8] }
        + [UInt8](repeating: 0x61, count: 1_000_000)
    ),
    ("negative extent", tensor(extents: [-1], strides: [1])),
    ("negative stride", tensor(offset: 3, extents: [2], strides: [-1])),
    ("negative offset", tensor(offset: -1, extents: [2], strides: [1])),
    ("more strides than extents", tensor(extents: [2], strides: [1, 1])),
    ("past the storage", tensor(extents: [5], strides: [1])),
    ("past the storage by its offset", tensor(offset: 3, extents: [2], strides: [1])),
    ("past the storage by its stride", tensor(extents: [2, 2], strides: [3, 1])),
    ("offset of 2^63 - 1", tensor(offset: .max, extents: [2], strides: [1])),
    ("stride of 2^63 - 1", tensor(extents: [3], strides: [.max])),
    ("2^60 elements", tensor(extents: [1 << 30, 1 << 30], strides: [1 << 30, 1])),
    ("2^60 elements of one number", tensor(extents: [1 << 30, 1 << 30], strides: [0, 0])),
    ("2^126 elements of one number", tensor(extents: [1 << 62, 1 << 62, 4], strides: [0, 0, 0])),
    ("complex numbers", tensor(type: "ComplexFloatStorage", extents: [1], strides: [1])),
  ]

  @Test(arguments: badPickles.indices)
  func refusesBadPickles(index: Int) {
    let (name, pickle) = Self.badPickles[index]
    let path = folder.write(Self.legacy(pickle), to: "bad")
    let error = #expect(throws: ModelFileError.self, "\(name)") { try PyTorchFile(path: path) }
    #expect(error?.description.contains("\n") == false)
  }

  /// A kept list of 2,000 pairs, of which a dictionary is made again and again.
  @Test func dictionariesWithoutEnd() {
    let pair: [UInt8] = [0x4B, 1, 0x4B, 1, 0x86]
    var pickle = Self.global("collections", "OrderedDict") + [0x71, 0, 0x5D, 0x28]
    for _ in 0..<2_000 { pickle += pair }
    pickle += [0x65, 0x71, 1]
    for _ in 0..<3_000 { pickle += [0x68, 0, 0x68, 1, 0x85, 0x52, 0x30] }
    let path = folder.write(Self.legacy(pickle), to: "bad")
    let error = #expect(throws: ModelFileError.self) { try PyTorchFile(path: path) }
    #expect(error?.description.contains("more members than") == true)
  }

  static let badStorages: [(name: String, bytes: [UInt8])] = [
    ("none", []),
    ("2^63 elements", [0, 0, 0, 0, 0, 0, 0, 0x80]),
    ("2^62 elements", [0, 0, 0, 0, 0, 0, 0, 0x40]),
    ("more than there are", [5, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 16)),
    ("fewer than the tensor takes", [3, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 12)),
  ]

  @Test(arguments: badStorages.indices)
  func refusesBadStorages(index: Int) {
    let (name, bytes) = Self.badStorages[index]
    let pickle = Self.tensor(extents: [4], strides: [1])
    let path = folder.write(Self.legacy(pickle, storages: bytes), to: "bad")
    #expect(throws: ModelFileError.self, "\(name)") { try PyTorchFile(path: path) }
  }

  /// Thirty dictionaries, each holding the next one 40 times: 40^16 ways to the tensor.
  @Test func dictionariesThatHoldOneAnotherEnd() {
    var pickle = Self.tensor(extents: [1], strides: [1])
    for _ in 0..<30 {
      pickle += [0x71, 0, 0x30, 0x7D]
      for key in 0..<40 { pickle += Self.text("k\(key)") + [0x68, 0, 0x73] }
    }
    let path = folder.write(Self.legacy(pickle), to: "bad")
    #expect(throws: ModelFileError.self) { try PyTorchFile(path: path) }
  }

  /// A thousand dictionaries under one name of 100 KB, each with a thousand tensors: 100 GB of names.
  @Test func longNamesOfManyEnd() {
    var pickle = Self.tensor(extents: [1], strides: [1]) + [0x71, 0, 0x30, 0x7D]
    for key in 0..<1000 { pickle += Self.text("k\(key)") + [0x68, 0, 0x73] }
    let name = [UInt8](repeating: 0x61, count: 100_000)
    pickle += [0x71, 1, 0x30, 0x7D, 0x58, 0xA0, 0x86, 1, 0] + name + [0x68, 1, 0x73]
    pickle += [0x71, 2, 0x30, 0x7D]
    for key in 0..<1000 { pickle += Self.text("k\(key)") + [0x68, 2, 0x73] }
    let path = folder.write(Self.legacy(pickle), to: "bad")
    #expect(throws: ModelFileError.self) { try PyTorchFile(path: path) }
  }

  @Test func otherFilesAreToldApart() {
    for bytes in [Array("hello, this is text".utf8), [0x80, 2, 0x4E, 0x2E], [0x50, 0x4B, 3, 4]] {
      let path = folder.write(bytes, to: "other")
      #expect(throws: ModelFileError.self) { try PyTorchFile(path: path) }
      #expect(throws: ModelFileError.self) { try WeightsFile(path: path) }
    }
  }
}
