import Foundation
import Images
import Testing

/// `vision filter` under kill, signals, a full disk, missing rights and closed pipes: no half-written
/// file under the target's name, no lost input, nothing left over.
@Suite(.serialized, .enabled(if: Faults.areWanted, Faults.notWanted))
struct FilterFaultTests {
  let folder: Folder
  /// A picture that takes some tenths of a second, and what becomes of it.
  let input: Data
  let result: Data
  let duration: Double

  private static let filter = ["filter", "--gaussian", "5"]

  init() throws {
    folder = try Folder()
    var generator = SystemRandomNumberGenerator()
    var image = Image(layout: PixelLayout(width: 1600, height: 1200, channels: 3))
    image.withUnsafeMutableBytes { bytes in
      for index in bytes.indices { bytes[index] = .random(in: .min ... .max, using: &generator) }
    }
    input = Data(try image.encoded())
    try folder.write(input, to: "in.png")
    let folder = folder
    duration = try seconds {
      let end = try Command.run(Self.filter + ["in.png", "-o", "out.png"], in: folder)
      #expect(end.status == 0)
    }
    result = try #require(folder.read("out.png"))
  }

  /// The target holds what it held before, or the whole result.
  private func expectWhole(_ name: String, before: Data, _ comment: Comment) {
    let now = folder.read(name)
    #expect(now == before || now == result, comment)
  }

  @Test func killedAtAnyMoment() throws {
    var killed = 0
    for round in 0..<Faults.kills {
      let inPlace = round % 2 == 0
      let before = inPlace ? input : Data("what was there before".utf8)
      let target = inPlace ? "in.png" : "out.png"
      try folder.write(input, to: "in.png")
      try folder.write(before, to: target)
      let command = try Command(
        Self.filter + ["in.png"] + (inPlace ? ["--in-place"] : ["-o", "out.png"]), in: folder)
      command.send(SIGKILL, after: .random(in: 0...duration * 1.1))
      killed += try command.end().wasKilled ? 1 : 0
      expectWhole(target, before: before, "killed in round \(round)")
      if !inPlace { #expect(folder.read("in.png") == input) }
    }
    #expect(killed > Faults.kills / 4, "killed only \(killed) times")
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func signalsLeaveNothingOver(_ signal: Int32) throws {
    let before = Data("what was there before".utf8)
    var stopped = 0
    for round in 0..<20 {
      try folder.write(before, to: "out.png")
      let command = try Command(Self.filter + ["in.png", "-o", "out.png"], in: folder)
      command.send(signal, after: .random(in: 0...duration * 1.1))
      let end = try command.end()
      #expect(end.status == 0 || end.status == -signal)
      #expect(end.error == "")
      stopped += end.status == 0 ? 0 : 1
      expectWhole("out.png", before: before, "signal \(signal) in round \(round)")
      #expect(try folder.names() == ["in.png", "out.png"])
    }
    #expect(stopped > 4, "stopped only \(stopped) times")
  }

  @Test func aLimitOnFilesIsAFullDisk() throws {
    try folder.write(Data("old".utf8), to: "out.png")
    // Blocks of 512 bytes.
    for blocks in [0, 1, 100, result.count / 2 / 512] {
      let end = try Command.shell(
        "{ ulimit -f \(blocks); $VISION filter --gaussian 5 in.png -o out.png; } 2>&1 | cat",
        in: folder)
      #expect(end.output == "vision: in.png: cannot write: File too large\n")
      #expect(folder.read("out.png") == Data("old".utf8))
      #expect(try folder.names() == ["in.png", "out.png"])
    }
  }

  /// On a file system of a few blocks, in a namespace of its own where that is allowed.
  @Test func aFullDisk() throws {
    let alone = geteuid() == 0 ? "unshare --mount" : "unshare --user --map-root-user --mount"
    let mount = "mkdir -p full && mount -t tmpfs -o size=400k none full"
    guard try Command.shell("\(alone) sh -c '\(mount)'", in: folder).status == 0 else {
      print("skipped: no file system can be mounted here")
      return
    }
    let end = try Command.shell(
      """
      \(alone) sh -c '\(mount) && echo old > full/out.png && head -c 200000 /dev/zero > full/rest
      $VISION filter --gaussian 5 in.png -o full/out.png; echo $?
      $VISION filter --gaussian 5 in.png -o full/new.png; echo $?
      cat full/out.png; ls -A full'
      """, in: folder)
    #expect(end.output == "1\n1\nold\nout.png\nrest\n")
    let line = "vision: in.png: cannot write: No space left on device\n"
    #expect(end.error == line + line)
    #expect(folder.read("in.png") == input)
  }

  @Test func missingRights() throws {
    var unprivileged = ""
    if geteuid() == 0 {
      // Rights do not bind root.
      unprivileged = "setpriv --reuid 65534 --clear-groups "
      guard try Command.shell(unprivileged + "$VISION --version", in: folder).status == 0 else {
        print("skipped: the binary is nobody's to run")
        return
      }
      _ = try Command.shell("chown -R 65534 .", in: folder)
    }
    try folder.write(input, to: "closed/in.png")
    try folder.write(input, to: "open/a.png")
    try folder.write(input, to: "open/b.png")
    _ = try Command.shell("chown -R 65534 .; chmod 555 closed; chmod 000 open/a.png", in: folder)

    for (arguments, status, error) in [
      (
        "closed/in.png", 1,
        "vision: closed/in.png: its result closed/in.gaussian.png: cannot write: Permission denied\n"
      ),
      ("closed/in.png --in-place", 1, "vision: closed/in.png: cannot write: Permission denied\n"),
      (
        "in.png -o closed/sub/", 2,
        "vision: closed/sub/: cannot create directory: Permission denied\n"
      ),
      (
        "open -o results/", 1,
        "vision: open/a.png: cannot open: Permission denied\n1 of 2 images filtered\n"
      ),
    ] {
      let end = try Command.shell(
        unprivileged + "$VISION filter --gaussian 5 \(arguments)", in: folder)
      #expect(end.status == Int32(status), "\(arguments)")
      #expect(end.error == error, "\(arguments)")
    }
    #expect(folder.read("closed/in.png") == input)
    #expect(folder.read("results/b.png") == result)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.url("closed").path) == ["in.png"])
  }

  @Test func aClosedPipe() throws {
    let image = try Command.shell(
      "{ $VISION filter --gaussian 5 in.png -o -; echo $? > status; } | head -c 1000 | wc -c",
      in: folder)
    #expect(image.output == "1000\n")
    #expect(image.error.split(separator: "\n").count <= 1)
    // Ended by SIGPIPE, as other programs are, or having said why.
    let status = String(decoding: try #require(folder.read("status")), as: UTF8.self)
    #expect(["141\n", "1\n"].contains(status))

    for index in 0..<8 { try folder.write(input, to: "many/\(index).png") }
    let list = try Command.shell(
      "$VISION filter --gaussian 5 many -o results/ --jobs 2 | head -n 1", in: folder)
    #expect(list.output == "results/0.png\n")
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.url("results").path) {
      #expect(folder.read("results/\(name)") == result, "\(name)")
    }
  }

  @Test func anInputThatEndsEarly() throws {
    let end = try Command.shell(
      "head -c \(input.count / 2) in.png | $VISION filter --gaussian 5 - -o out2.png", in: folder)
    #expect(end.status == 1)
    #expect(end.error.hasPrefix("vision: standard input: truncated: "))
    #expect(try folder.names() == ["in.png", "out.png"])
  }
}
