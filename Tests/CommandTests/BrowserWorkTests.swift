import Foundation
import Images
import Testing

/// Work that takes a while, in the page in a real browser: `make browser`.
@Suite(.serialized, .enabled(if: ServedPage.isWanted))
struct BrowserWorkTests {
  let page: ServedPage

  init() throws {
    page = try ServedPage()
    try page.work.write(picture(width: 2500, height: 2500), to: "large.png")
  }

  /// Has the full image filtered, which takes a second or more, and gives the address that stands for it.
  private func startLongWork(_ browser: WebDriver) throws -> String {
    try page.open(browser, "filter?median=61")
    try browser.give([page.path("large.png")])
    try browser.click("Filter the full image")
    try browser.wait("location.hash.includes('job=')")
    return try browser.text("return location.href")
  }

  private static let work = "document.querySelector('[aria-label=\"Work on the full image\"]')"
  private static let isDone = "/Save the full image/.test(document.body.textContent)"

  @Test(arguments: ["upscale", "denoise", "deblock", "segment"])
  func anImageIsRestored(work: String) throws {
    let browser = try WebDriver(width: 1280)
    try page.open(
      browser, "restore?work=\(work)" + (work == "segment" ? "&overlay" : ""))
    try browser.give([page.path(work == "deblock" ? "two.jpg" : "one.png")])
    // By keyboard alone: on to the button that begins, and to the one that saves.
    for button in ["Start", "Save the result"] {
      try browser.wait(
        "[...document.querySelectorAll('button')].some((one) => one.textContent.startsWith('\(button)')"
          + " && !one.disabled)")
      var presses = 0
      while try browser.text(
        "return document.activeElement.textContent.startsWith('\(button)')"
          + " && document.activeElement.matches('button')") != "1", presses < 60
      {
        try browser.press("\u{E004}")
        presses += 1
      }
      #expect(presses < 60)
      if button == "Start" { try browser.press("\u{E007}") }
    }
    let width = work == "upscale" ? 400 : work == "deblock" ? 90 : 200
    try browser.wait("document.querySelectorAll('.compare img')[1]?.naturalWidth === \(width)")
    if work == "segment" {
      try browser.wait("document.querySelectorAll('.legend li').length === 11")
    }
    #expect(
      try browser.text("return document.querySelector('pre').textContent")
        .hasPrefix("vision \(work == "deblock" ? "denoise --jpeg" : work)"))
    // What is saved is what the command shown would write.
    try page.expectQuiet(browser)
  }

  @Test func whatANetworkDoesNotTakeIsSaid() throws {
    let browser = try WebDriver(width: 1280)
    try page.open(browser, "restore?work=denoise")
    try browser.give([page.path("notes.heic")])
    try browser.click("Start")
    try browser.wait("/not a PNG/.test(document.querySelector('[role=alert]')?.textContent)")
    // And the next one works.
    try browser.give([page.path("one.png")])
    try browser.click("Start")
    try browser.status("can be saved")
  }

  @Test func aReloadedPageFindsItsJob() throws {
    let browser = try WebDriver(width: 1280)
    let address = try startLongWork(browser)
    try browser.reload()
    try browser.wait(
      "\(Self.work) || \(Self.isDone)", seconds: 2)
    // So does another tab.
    try browser.openTab()
    try browser.open(address)
    try browser.wait(Self.isDone, seconds: 60)
    try page.expectQuiet(browser)
  }

  @Test func nineTabsShareOneStream() throws {
    let browser = try WebDriver(width: 800)
    let address = try startLongWork(browser)
    for _ in 1..<9 {
      try browser.openTab()
      try browser.open(address)
      try browser.wait("document.querySelector('h1')", seconds: 10)
    }
    // All of them are told, while the server was listened to once.
    for tab in try browser.tabs() {
      try browser.show(tab)
      try browser.wait(Self.isDone, seconds: 60)
    }
    #expect(
      try page.server.metric("vision_requests_total{endpoint=\"/api/v1/events\",status=\"200\"}")
        == 1)
    try browser.openTab()
    try page.open(browser, "networks")
    try browser.wait("document.querySelectorAll('tbody tr').length > 3", seconds: 10)
  }

  @Test func anotherTabListensWhereTheFirstIsClosed() throws {
    let browser = try WebDriver(width: 800)
    let address = try startLongWork(browser)
    let first = try #require(try browser.tabs().first)
    try browser.openTab()
    try browser.open(address)
    try browser.wait(Self.work)
    let second = try #require(try browser.tabs().last)
    try browser.show(first)
    try browser.closeTab()
    try browser.show(second)
    try browser.wait(Self.isDone, seconds: 60)
    try page.expectQuiet(browser)
  }

  @Test func workIsStopped() throws {
    let browser = try WebDriver(width: 1280)
    _ = try startLongWork(browser)
    try browser.wait("\(Self.work)?.querySelector('button')")
    try browser.run("\(Self.work).querySelector('button').click()")
    try browser.status("Stopped")
    #expect(try browser.text("return location.hash") == "")
    while try page.server.metric("vision_working_requests") ?? 1 > 0 {}
    try page.expectQuiet(browser)
  }

  @Test func aServerThatGoesDuringWorkIsNamed() throws {
    let browser = try WebDriver(width: 1280)
    _ = try startLongWork(browser)
    kill(page.server.process.processIdentifier, SIGKILL)
    try browser.wait(
      "/the server does not answer/.test(document.body.textContent) || \(Self.isDone)", seconds: 20)
  }
}
