import Glibc
import ModelFiles
import Tensors
import TestCases
import TestSupport
import Testing

/// The path of a fixture (see `Fixtures/make_fixtures.py`).
func fixture(_ name: String, file: String = #filePath) -> String {
  file.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/Fixtures/" + name
}

/// A file of a header and so many bytes of data.
func file(_ header: String, data: Int = 0) -> [UInt8] {
  withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { [UInt8]($0) } + Array(header.utf8)
    + [UInt8](repeating: 1, count: data)
}

/// The header's entry of one tensor.
func entry(_ name: String, _ type: String, _ shape: String, _ offsets: String) -> String {
  #""\#(name)":{"dtype":"\#(type)","shape":[\#(shape)],"data_offsets":[\#(offsets)]}"#
}

@Suite struct SafetensorsTests {
  let folder = TestSupport.TemporaryFolder()

  @Test func readsEveryTypeOfTheReference() throws {
    let file = try Safetensors(path: fixture("all-types.safetensors"))
    let values: [Float] = [0, 1, -2.5, 3.140625, 65504, -0.0001]
    #expect(file["F64"]?.shape == [2, 3])
    #expect(file["F64"]?.scalars == values)
    #expect(file["F32"]?.scalars == values)
    #expect(file["F16"]?.scalars == values.map { Float(Float16($0)) })
    #expect(file["BF16"]?.scalars == [0, 1, -2.5, 3.140625, 65536, -0.000_100_135_803])
    for type in ["I64", "I32", "I16", "I8", "U8", "U16", "U32", "U64"] {
      #expect(file[type] == Tensor([3, 2], [0, 1, 100, 7, 2, 3]), "\(type)")
    }
    #expect(file["BOOL"] == Tensor([3], [1, 0, 1]))
    #expect(file["scalar"] == .scalar(4.5))
    #expect(file["empty"]?.shape == [0, 3])
    #expect(file["naïve \"name\"\n"]?.scalars == [1])
    #expect(file["missing"] == nil)
    #expect(file.metadata == ["format": "pt", "text": "zwei\nZeilen \"quoted\" \\ 名前"])
  }

  @Test(.enabled(if: Cases.areThere, Cases.absent))
  func readsWeightsTrainedElsewhere() throws {
    let folder = try #require(Cases.folder).path
    let residual = try Safetensors(path: folder + "/weights/resnet20-12fca82f.safetensors")
    #expect(residual.entries.count == 97)
    #expect(residual.tensors.reduce(0) { $0 + $1.tensor.count } == 271_098)
    #expect(residual["bn1.bias"]?.shape == [16])
    #expect(residual["bn1.bias"]?.scalars.prefix(2) == [1.1128888, 0.94087297])
    let digits = try Safetensors(path: folder + "/weights/burn-mnist/mnist.safetensors")
    #expect(digits.entries.count == 20)
    #expect(digits["norm1.num_batches_tracked"]?.shape == [])
    #expect(digits["conv1.bias"]?.shape == [8])
  }

  @Test(arguments: StoredPrecision.allCases)
  func writesTheBytesOfTheReference(precision: StoredPrecision) throws {
    var tensors = TensorTable()
    tensors["a.weight"] = Tensor([2, 3], (0..<6).map { Float($0) / 7 })
    tensors["b.bias"] = Tensor([3], [.infinity, -0.0, Float(bitPattern: 71_362)])
    let path = folder.path + "/out.safetensors"
    try Safetensors.write(tensors, metadata: ["key": "value"], precision: precision, to: path)
    #expect(contents(path) == contents(fixture("plain-\(precision.rawValue).safetensors")))
  }

  @Test func whatIsWrittenIsRead() throws {
    var random = RandomSource(seed: 1)
    var tensors = TensorTable()
    for (name, shape) in [
      ("", []), ("a \"b\" \\ \u{1} \n 名", [3, 0, 2]), ("large", [300, 1_000]), ("one", [1]),
    ] as [(String, Shape)] {
      tensors[name] = Tensor(shape) { random.fillNormal($0) }
    }
    let metadata = ["a": "\u{1F600} \\u0041 \u{7F}", "b": ""]
    let path = folder.path + "/out.safetensors"
    try Safetensors.write(tensors, metadata: metadata, to: path)
    let file = try Safetensors(path: path)
    #expect(file.tensors == tensors)
    #expect(file.metadata == metadata)
    try Safetensors.write(TensorTable(), to: path)
    #expect(try Safetensors(path: path).entries.isEmpty)
  }

  @Test func tensorsMayStandInAnyOrderInTheHeader() throws {
    let header =
      #"{"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3],"extra":[null,{"x":-1.5e3}]},"#
      + "\n" + #" "\u0061\ud83d\ude00" : {"data_offsets":[0,1],"shape":[],"dtype":"U8"}}   "#
    let file = try Safetensors(path: folder.write(file(header, data: 3), to: "f"))
    #expect(file.entries.map(\.name) == ["a\u{1F600}", "b"])
    #expect(file["b"]?.scalars == [1, 1])
  }

  static let badFiles: [(name: String, bytes: [UInt8])] = [
    ("empty", []),
    ("seven bytes", [1, 2, 3, 4, 5, 6, 7]),
    ("no header", [0, 0, 0, 0, 0, 0, 0, 0]),
    ("header past the end", [9, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D]),
    ("header of 2^63 bytes", [0, 0, 0, 0, 0, 0, 0, 0x80, 0x7B, 0x7D]),
    ("header of 2^64 - 1 bytes", [255, 255, 255, 255, 255, 255, 255, 255, 0x7B, 0x7D]),
    ("not JSON", file("hello")),
    ("array", file("[]")),
    ("two values", file("{}{}")),
    ("not closed", file("{" + entry("a", "U8", "", "0,1"), data: 1)),
    ("not UTF-8", [5, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x22, 0xFF, 0xFE, 0x22]),
    ("deep", file(String(repeating: "{\"a\":", count: 5_000))),
    ("half a surrogate", file(#"{"\ud800":1}"#)),
    ("bad escape", file(#"{"\x":1}"#)),
    ("cut escape", file(#"{"\u00"#)),
    ("trailing comma", file("{" + entry("a", "U8", "", "0,1") + ",}", data: 1)),
    ("entry is text", file(#"{"a":"b"}"#)),
    ("no dtype", file(#"{"a":{"shape":[],"data_offsets":[0,1]}}"#, data: 1)),
    ("unknown dtype", file("{" + entry("a", "F4", "", "0,1") + "}", data: 1)),
    ("dtype is a number", file(#"{"a":{"dtype":8,"shape":[],"data_offsets":[0,1]}}"#, data: 1)),
    ("shape is a number", file(#"{"a":{"dtype":"U8","shape":1,"data_offsets":[0,1]}}"#, data: 1)),
    ("negative extent", file("{" + entry("a", "U8", "-1", "0,1") + "}", data: 1)),
    ("broken extent", file("{" + entry("a", "U8", "1.5", "0,1") + "}", data: 1)),
    ("extent of 10^20", file("{" + entry("a", "U8", "99999999999999999999", "0,1") + "}", data: 1)),
    ("2^60 elements", file("{" + entry("a", "F64", "1073741824,1073741824", "0,8") + "}", data: 8)),
    (
      "2^60 elements told in full",
      file("{" + entry("a", "U8", "1152921504606846976", "0,1152921504606846976") + "}", data: 8)
    ),
    (
      "the count overflows",
      file("{" + entry("a", "U8", "4294967296,4294967296", "0,9223372036854775807") + "}", data: 8)
    ),
    ("offsets backwards", file("{" + entry("a", "U8", "1", "1,0") + "}", data: 1)),
    ("three offsets", file("{" + entry("a", "U8", "1", "0,1,2") + "}", data: 1)),
    ("negative offset", file("{" + entry("a", "U8", "2", "-1,1") + "}", data: 1)),
    ("wrong size", file("{" + entry("a", "F32", "1", "0,2") + "}", data: 2)),
    ("past the end", file("{" + entry("a", "U8", "9", "0,9") + "}", data: 8)),
    (
      "overlap",
      file("{" + entry("a", "U8", "4", "0,4") + "," + entry("b", "U8", "4", "3,7") + "}", data: 7)
    ),
    (
      "hole",
      file("{" + entry("a", "U8", "1", "0,1") + "," + entry("b", "U8", "1", "2,3") + "}", data: 3)
    ),
    ("bytes before", file("{" + entry("a", "U8", "1", "1,2") + "}", data: 2)),
    ("bytes behind", file("{" + entry("a", "U8", "1", "0,1") + "}", data: 2)),
    (
      "name twice",
      file("{" + entry("a", "U8", "1", "0,1") + "," + entry("a", "U8", "1", "1,2") + "}", data: 2)
    ),
    ("metadata of numbers", file(#"{"__metadata__":{"a":1}}"#)),
    ("metadata is text", file(#"{"__metadata__":"a"}"#)),
  ]

  @Test(arguments: badFiles.indices)
  func refusesBadFiles(index: Int) {
    let (name, bytes) = Self.badFiles[index]
    let path = folder.write(bytes, to: "bad")
    let error = #expect(throws: ModelFileError.self, "\(name)") { try Safetensors(path: path) }
    #expect(error?.description.contains("\n") == false)
  }

  @Test func refusesEveryTruncation() throws {
    let whole = contents(fixture("plain-fp32.safetensors"))
    for count in whole.indices {
      let path = folder.write(Array(whole[..<count]), to: "cut")
      #expect(throws: ModelFileError.self) { try Safetensors(path: path) }
    }
  }

  @Test func anyChangedByteIsReadOrRefused() throws {
    let whole = contents(fixture("all-types.safetensors"))
    for index in stride(from: 0, to: whole.count, by: 3) {
      var changed = whole
      changed[index] ^= UInt8(truncatingIfNeeded: 1 << (index % 8))
      if let file = try? Safetensors(path: folder.write(changed, to: "changed")) {
        _ = file.tensors
      }
    }
  }

  @Test func refusesWhatIsNoFile() {
    #expect(throws: ModelFileError.system("cannot open", errno: ENOENT)) {
      try Safetensors(path: folder.path + "/none")
    }
    #expect(throws: ModelFileError.self) { try Safetensors(path: folder.path) }
    #expect(throws: ModelFileError.self) { try Safetensors(path: "/dev/zero") }
  }

  @Test func failedWritesLeaveWhatWasThere() throws {
    let path = folder.write([1, 2, 3], to: "kept")
    var tensors = TensorTable()
    tensors["__metadata__"] = .scalar(1)
    #expect(throws: ModelFileError.self) { try Safetensors.write(tensors, to: path) }
    #expect(contents(path) == [1, 2, 3])
    #expect(throws: ModelFileError.self) {
      try Safetensors.write(TensorTable(), to: folder.path + "/no/such/folder/file")
    }
    #expect(throws: ModelFileError.system("cannot write", errno: ENOSPC)) {
      try Safetensors.write(TensorTable(), to: "/dev/full")
    }
  }

  @Test(arguments: ["F16", "BF16"])
  func allHalvesAreExact(type: String) throws {
    let patterns = (0...UInt16.max).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    let header = "{" + entry("a", type, "65536", "0,131072") + "}"
    let path = folder.write(file(header) + patterns, to: "halves")
    let read = try #require(Safetensors(path: path)["a"]).scalars
    for (pattern, value) in read.enumerated() {
      let expected =
        type == "F16"
        ? Float(Float16(bitPattern: UInt16(pattern))) : Float(bitPattern: UInt32(pattern) << 16)
      if expected.isNaN ? !value.isNaN : value.bitPattern != expected.bitPattern {
        Issue.record("\(type) \(pattern): \(value), not \(expected)")
      }
    }
  }

  @Test func bfloat16RoundsToNearestEven() throws {
    // bfloat16 steps by 1/128 above 1: odd multiples of 1/256 lie half way and go to the even step.
    let cases: [(Float, Float)] = [
      (1 + 1 / 256, 1), (1 + 3 / 256, 1 + 4 / 256), (1 + 1.01 / 256, 1 + 2 / 256),
      (-1 - 3 / 256, -1 - 4 / 256), (.greatestFiniteMagnitude, .infinity), (-.infinity, -.infinity),
      (0x1p-133, 0x1p-133), (0x1p-134, 0), (-0.0, -0.0),
    ]
    var tensors = TensorTable()
    tensors["x"] = Tensor([cases.count + 1], cases.map(\.0) + [.nan])
    let path = folder.path + "/b"
    try Safetensors.write(tensors, precision: .bfloat16, to: path)
    let read = try #require(Safetensors(path: path)["x"]).scalars
    #expect(read.dropLast().map(\.bitPattern) == cases.map(\.1.bitPattern))
    #expect(read.last?.isNaN == true)
  }
}
