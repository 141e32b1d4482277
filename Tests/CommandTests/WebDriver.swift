import Foundation

/// A browser without a window, driven as W3C's WebDriver says, by the chromedriver that Debian has.
final class WebDriver {
  private let process = Process()
  private let port: Int
  private var session = ""

  struct Failed: Error, CustomStringConvertible {
    let description: String
  }

  /// - Parameters:
  ///   - width: of the viewport, in CSS pixels.
  ///   - isDark: whether the user prefers a dark page.
  ///   - features: what else a page may ask of the user by CSS.
  init(
    width: Int, height: Int = 900, isDark: Bool = false, features: [String: String] = [:]
  ) throws {
    port = Int.random(in: 20_000..<30_000)
    process.executableURL = URL(fileURLWithPath: "/usr/bin/chromedriver")
    process.arguments = ["--port=\(port)", "--silent"]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    let deadline = Date(timeIntervalSinceNow: 20)
    while (try? Connection(port: port)) == nil, Date() < deadline {}
    let root = getuid() == 0 ? ["--no-sandbox"] : []
    let options: [String: Any] = [
      "args": [
        "--headless=new", "--disable-gpu", "--disable-dev-shm-usage",
        // Names are not looked up: whatever is asked of elsewhere fails, and is seen.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
      ] + root
    ]
    let answer = try call(
      "POST", "/session",
      [
        "capabilities": [
          "alwaysMatch": [
            "browserName": "chrome", "goog:chromeOptions": options,
            "goog:loggingPrefs": ["browser": "ALL"],
          ]
        ]
      ])
    guard let session = (answer as? [String: Any])?["sessionId"] as? String else {
      throw Failed(description: "no session: \(answer)")
    }
    self.session = "/session/\(session)"
    try devTools(
      "Emulation.setDeviceMetricsOverride",
      ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600])
    try devTools(
      "Emulation.setEmulatedMedia",
      [
        "features": features.merging(["prefers-color-scheme": isDark ? "dark" : "light"]) { $1 }
          .map { ["name": $0, "value": $1] }
      ])
  }

  deinit {
    _ = try? call("DELETE", session)
    process.terminate()
  }

  private func call(_ method: String, _ path: String, _ body: Any? = nil) throws -> Any {
    let data = try body.map { try JSONSerialization.data(withJSONObject: $0) } ?? Data()
    let connection = try Connection(port: port)
    try connection.send(
      "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nContent-Type: application/json\r\n"
        + "Content-Length: \(data.count)\r\nConnection: close\r\n\r\n")
    try connection.send(data)
    let reply = try connection.reply()
    let object = try JSONSerialization.jsonObject(with: reply.body) as? [String: Any]
    guard reply.status == 200 else { throw Failed(description: reply.text) }
    return object?["value"] ?? NSNull()
  }

  private func devTools(_ command: String, _ parameters: [String: Any]) throws {
    _ = try call("POST", session + "/goog/cdp/execute", ["cmd": command, "params": parameters])
  }

  func open(_ address: String) throws { _ = try call("POST", session + "/url", ["url": address]) }

  /// What a function's body returns in the page.
  @discardableResult
  func run(_ script: String, _ arguments: [Any] = []) throws -> Any {
    try call("POST", session + "/execute/sync", ["script": script, "args": arguments])
  }

  func text(_ script: String) throws -> String { "\(try run(script))" }

  /// Waits until an expression of the page is true.
  func wait(_ expression: String, seconds: Double = 30) throws {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while (try run("return Boolean(\(expression))") as? Bool) != true {
      guard Date() < deadline else { throw Failed(description: "never: \(expression)") }
    }
  }

  /// Gives files to the first input that takes some.
  func give(_ paths: [String]) throws {
    try wait("document.querySelector('input[type=file]')")
    let found = try call(
      "POST", session + "/element", ["using": "css selector", "value": "input[type=file]"])
    guard let id = (found as? [String: String])?.values.first else {
      throw Failed(description: "no input for files")
    }
    _ = try call(
      "POST", session + "/element/\(id)/value", ["text": paths.joined(separator: "\n")])
  }

  /// Presses keys: characters, or WebDriver's private ones such as U+E004 for Tab.
  func press(_ keys: String) throws {
    let actions = keys.flatMap { key in
      [["type": "keyDown", "value": String(key)], ["type": "keyUp", "value": String(key)]]
    }
    _ = try call(
      "POST", session + "/actions",
      ["actions": [["type": "key", "id": "keys", "actions": actions]]])
  }

  /// What the browser's console has to say of errors.
  func errors() throws -> [String] {
    let lines = try call("POST", session + "/se/log", ["type": "browser"]) as? [[String: Any]]
    return (lines ?? []).compactMap { $0["message"] as? String }
  }

  func screenshot() throws -> Data {
    Data(base64Encoded: try call("GET", session + "/screenshot") as? String ?? "") ?? Data()
  }

  func reload() throws { _ = try call("POST", session + "/refresh", [String: String]()) }

  /// Opens another tab and goes there.
  func openTab() throws {
    let answer = try call("POST", session + "/window/new", ["type": "tab"])
    try show((answer as? [String: String])?["handle"] ?? "")
  }

  func tabs() throws -> [String] {
    try call("GET", session + "/window/handles") as? [String] ?? []
  }

  func show(_ tab: String) throws { _ = try call("POST", session + "/window", ["handle": tab]) }

  /// Closes the tab that is shown.
  func closeTab() throws { _ = try call("DELETE", session + "/window") }
}
