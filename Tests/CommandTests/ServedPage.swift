import Foundation
import Images
import Testing

/// A server with images and a training run, for browsers that look at its page.
struct ServedPage {
  let work: Workspace
  let server: RunningServer

  static let isWanted = ProcessInfo.processInfo.environment["VISION_BROWSER"] != nil
  static let panels = ["classify", "filter", "restore", "generate", "networks", "runs"]

  init() throws {
    work = try Workspace()
    try work.write(picture(width: 200, height: 120), to: "one.png")
    try work.write(picture(width: 90, height: 160, seed: 3), to: "two.jpg")
    try work.write("no image", to: "notes.heic")
    try work.write("epoch,loss\n1,2.5\n2,1.5\n", to: "run/log.csv")
    try work.write(picture(width: 300, height: 200), to: "run/curves.png")
    server = try RunningServer(work, "--run", "run")
  }

  func path(_ name: String) -> String { work.url(name).path }

  func open(_ browser: WebDriver, _ panel: String) throws {
    try browser.open(server.address + panel)
    try browser.wait("document.querySelector('h1')")
  }

  /// No error in the console, and nothing asked of anybody else.
  func expectQuiet(_ browser: WebDriver, _ panel: String = "") throws {
    let errors = try browser.errors()
    #expect(errors.isEmpty, "\(panel): \(errors)")
    let asked = try browser.text(
      "return performance.getEntriesByType('resource').map((entry) => entry.name).filter((name) => "
        + "!name.startsWith(location.origin) && !name.startsWith('blob:')).join(' ')")
    #expect(asked == "", "\(panel)")
  }
}

extension WebDriver {
  /// Waits until a button can be pressed, and presses it.
  func click(_ button: String) throws {
    let found =
      "[...document.querySelectorAll('button')].find((one) => one.textContent === '\(button)' && !one.disabled)"
    try wait(found)
    try run("\(found).click()")
  }

  /// What the page told last.
  func status(_ text: String, seconds: Double = 30) throws {
    try wait("document.getElementById('status').textContent.includes('\(text)')", seconds: seconds)
  }
}
