import ArgumentParser
import CLinux
import Files
import Glibc
import Images
import Serving

/// `vision serve`: a page in the browser and an HTTP interface.
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serves a web page and an HTTP API.",
    usage: "vision serve [<options>]",
    discussion: """
      Prints the address of the page. Requests take the flags of the commands as query items, in order; \
      /api/v1/openapi.json describes them. Nothing that is sent is kept, and no request can name a file \
      or an address of the server's.

      Examples:
        vision serve
        vision serve --port 0 --open
        vision serve --model run/best.safetensors --run run
        vision serve --host 0.0.0.0 --allow-host photos.lan --token-file token

      While it runs:
        curl --data-binary @photo.jpg 'localhost:8080/api/v1/filter?gaussian=1.4&sobel' > edges.jpg
        curl --data-binary @photo.jpg 'localhost:8080/api/v1/classify?top=3'
      """)

  @Option(help: ArgumentHelp("Port to listen at; 0 takes any that is free.", valueName: "n"))
  var port = 8080

  @Option(
    help: ArgumentHelp(
      "Address to listen at; one that other machines reach needs --token-file.", valueName: "host"))
  var host = "127.0.0.1"

  @Option(
    help: ArgumentHelp(
      "Also answer to this name, as a proxy or another machine calls the server; may be repeated.",
      valueName: "name"))
  var allowHost: [String] = []

  @Option(
    help: ArgumentHelp(
      "File with the token that clients must send, at least 16 characters.", valueName: "file"),
    completion: .file())
  var tokenFile: String?

  @Option(
    help: ArgumentHelp(
      "Serve this bundled model, model file or ONNX file; may be repeated (default: all bundled).",
      valueName: "name|file"), completion: .model)
  var model: [String] = []

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp("Show this training run; may be repeated.", valueName: "dir"),
    completion: .directory)
  var runs: [String] = []

  @Option(help: ArgumentHelp("Refuse requests with more.", valueName: "bytes"))
  var maxUpload = ByteCount(64 << 20)

  @Option(help: ArgumentHelp("Refuse images of more pixels.", valueName: "n"))
  var maxPixels = Quantity(Limits.standard.maximumPixels)

  @Option(
    help: ArgumentHelp("Requests that may wait; more are told to come again.", valueName: "n"))
  var queue = ServerLimits().queue

  @Flag(name: .customLong("open"), help: "Open the page in the browser.")
  var opensPage = false

  func validate() throws {
    guard (0...65_535).contains(port) else {
      throw ValidationError("--port \(port): give a number from 0 to 65535")
    }
    guard (1...10_000).contains(queue) else {
      throw ValidationError("--queue \(queue): give a number from 1 to 10000")
    }
    for name in allowHost where !Self.isHostName(name) {
      throw ValidationError("--allow-host \(name): give a name alone, as in photos.lan")
    }
  }

  private static func isHostName(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20
          || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
          || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
      }
  }

  func run() throws {
    let token = try tokenFile.map { try Self.token(in: FilePath(argument: $0)) }
    let listener = try listener(hasToken: token != nil)
    let site = try Site(
      models: ServedModels(named: model), runs: ServedRuns(runs), limits: limits,
      reading: ReadOptions(
        limits: Limits(
          maximumPixels: maxPixels.value, maximumBytes: Limits.standard.maximumBytes)))
    let stop = StopSignalSet()
    // Threads that begin later hold the signals back, too, so that this one waits for them.
    stop.hold()
    // A client that is gone is an error of its connection alone.
    signal(SIGPIPE, SIG_IGN)
    mallopt(M_ARENA_MAX, 4)
    OpenMP.limitSpinning()
    let address = "http://\(listener.host):\(listener.port)/"
    let server: Server
    do {
      server = try site.serve(
        listener,
        policy: RequestPolicy(
          names: names(for: listener), port: listener.port, token: token))
    } catch { throw RunError.stopped("cannot serve: \(error)") }
    StandardStream.output.write(address + "\n")
    if opensPage { Browser.open(address + (token.map { "#token=\($0)" } ?? "")) }
    stop.wait()
    server.leave()
  }

  private var limits: ServerLimits {
    var limits = ServerLimits()
    limits.bodyBytes = maxUpload.value
    limits.queue = queue
    return limits
  }

  /// - Throws: a usage error where other machines would reach a server that asks nobody for a token.
  private func listener(hasToken: Bool) throws(RunError) -> Listener {
    let isLoopback: Bool
    do throws(ListenError) { isLoopback = try Listener.isLoopback(host) } catch {
      throw .usage(error.description)
    }
    guard isLoopback || hasToken else {
      throw .usage(
        "--host \(host): other machines reach it, and anybody there could use it; "
          + "say who may with --token-file FILE")
    }
    do throws(ListenError) { return try Listener(host: host, port: port) } catch {
      throw .stopped(error.description)
    }
  }

  /// The names by which clients may call the server.
  private func names(for listener: Listener) -> [String] {
    [listener.host] + (listener.isLoopback ? ["localhost", "127.0.0.1", "[::1]"] : []) + allowHost
  }

  /// The first line of a file.
  private static func token(in path: FilePath) throws(RunError) -> String {
    let bytes: [UInt8]
    do throws(ReadingError) { bytes = try readFile(path) } catch {
      throw .stopped("--token-file \(error)")
    }
    let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    guard line.count >= 16, line.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw .usage(
        "--token-file \(path): its first line must be at least 16 letters, digits and signs, "
          + "without spaces; make one with: head -c 24 /dev/urandom | base64 > \(path.shellText)")
    }
    return String(decoding: line, as: UTF8.self)
  }
}
