import Foundation
import Testing

/// Long tests of what must hold when something goes wrong from outside (`make faults`):
///
///     @Suite(.serialized, .enabled(if: Faults.areWanted, Faults.notWanted))
///
/// To test another command, run it with ``Command`` in a ``Folder`` of its own.
enum Faults {
  private static let setting = ProcessInfo.processInfo.environment["VISION_FAULTS"].flatMap {
    Int($0)
  }

  static let areWanted = setting != nil
  static let notWanted: Comment = "takes minutes: set VISION_FAULTS=100, the number of kills"

  /// How often each command is killed.
  static let kills = setting ?? 0
}

/// A folder for one test, removed with everything in it when the object goes.
final class Folder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(
      path: "vision-faults-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit {
    // A test may have taken the right to write away.
    _ = try? Command.shell("chmod -R u+rwX .", in: self)
    try? FileManager.default.removeItem(at: url)
  }

  func url(_ path: String) -> URL { url.appending(path: path) }
  func read(_ path: String) -> Data? { try? Data(contentsOf: url(path)) }

  func write(_ data: Data, to path: String) throws {
    try FileManager.default.createDirectory(
      at: url(path).deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: url(path))
  }

  /// All that lies in the folder, hidden files too, sorted.
  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: url.path)
      .filter { !$0.hasPrefix(Command.streamPrefix) }.sorted()
  }
}

/// A running `vision`, whose standard streams are files.
final class Command {
  /// The binary that was built beside the tests.
  static let binary: URL = {
    let tests = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL
    return (tests ?? URL(fileURLWithPath: CommandLine.arguments[0]))
      .deletingLastPathComponent().appending(path: "vision")
  }()

  static let streamPrefix = ".stream-"

  /// How a command ended.
  struct End {
    /// The exit code, or the number of the signal that ended it, negative.
    let status: Int32
    let output: String
    let error: String

    var wasKilled: Bool { status == -SIGKILL }
  }

  private let process: pid_t
  private let streams: [URL]
  /// How it ended, as `waitpid` says; nil while it runs.
  private var waitStatus: Int32?

  /// Starts `vision` with these arguments.
  convenience init(_ arguments: [String], in folder: Folder) throws {
    try self.init([Self.binary.path] + arguments, folder)
  }

  /// Not Foundation's `Process`: what that starts inherits the signals that the threads of tests block.
  private init(_ words: [String], _ folder: Folder) throws {
    streams = ["output", "error"].map { folder.url(Self.streamPrefix + UUID().uuidString + $0) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    for (stream, number) in zip(streams, [STDOUT_FILENO, STDERR_FILENO]) {
      posix_spawn_file_actions_addopen(&actions, number, stream.path, O_WRONLY | O_CREAT, 0o666)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    let words = ["/bin/sh", "-c", #"cd "$0" && exec "$@""#, folder.url.path] + words
    let environment = ProcessInfo.processInfo.environment
      .merging(["VISION": Self.binary.path, "OMP_WAIT_POLICY": "passive"]) { $1 }
    var arguments = words.map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
    defer { for text in arguments + variables { free(text) } }
    var process = pid_t()
    let failure = posix_spawn(&process, words[0], &actions, &attributes, &arguments, &variables)
    guard failure == 0 else { throw POSIXError(POSIXErrorCode(rawValue: failure) ?? .ENOENT) }
    self.process = process
  }

  /// Starts a line of shell, in which `$VISION` is the binary.
  static func start(_ line: String, in folder: Folder) throws -> Command {
    try Command(["/bin/sh", "-c", line], folder)
  }

  /// Runs a line of shell to its end.
  static func shell(_ line: String, in folder: Folder) throws -> End {
    try start(line, in: folder).end()
  }

  /// Runs `vision` to its end.
  static func run(_ arguments: [String], in folder: Folder) throws -> End {
    try Command(arguments, in: folder).end()
  }

  /// Waits, at most so long, and sends the signal if the command is still running.
  func send(_ signal: Int32, after seconds: Double) {
    let moment = Date(timeIntervalSinceNow: seconds)
    while isRunning, moment.timeIntervalSinceNow > 0 { usleep(500) }
    if isRunning { kill(process, signal) }
  }

  private var isRunning: Bool {
    var status: Int32 = 0
    if waitStatus == nil, waitpid(process, &status, WNOHANG) == process { waitStatus = status }
    return waitStatus == nil
  }

  /// Waits until the command has ended.
  func end() throws -> End {
    var status = waitStatus ?? 0
    if waitStatus == nil {
      while waitpid(process, &status, 0) < 0, errno == EINTR {}
      waitStatus = status
    }
    let texts = try streams.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
    for url in streams { try FileManager.default.removeItem(at: url) }
    let signal = status & 0x7F
    return End(
      status: signal == 0 ? status >> 8 & 0xFF : -signal, output: texts[0], error: texts[1])
  }
}

/// How long some work takes, in seconds.
func seconds(_ work: () throws -> Void) rethrows -> Double {
  let start = Date()
  try work()
  return -start.timeIntervalSinceNow
}
