import Foundation
import Images
import Testing

/// The page in a real browser: `make browser`.
@Suite(
  .serialized, .enabled(if: ProcessInfo.processInfo.environment["VISION_BROWSER"] != nil))
struct BrowserTests {
  let work: Workspace
  let server: RunningServer

  init() throws {
    work = try Workspace()
    try work.write(picture(width: 200, height: 120), to: "one.png")
    try work.write(picture(width: 90, height: 160, seed: 3), to: "two.jpg")
    try work.write("no image", to: "notes.heic")
    try work.write("epoch,loss\n1,2.5\n2,1.5\n", to: "run/log.csv")
    try work.write(picture(width: 300, height: 200), to: "run/curves.png")
    server = try RunningServer(work, "--run", "run")
  }

  private static let panels = ["classify", "filter", "restore", "generate", "networks", "runs"]

  private func open(_ browser: WebDriver, _ panel: String) throws {
    try browser.open(server.address + panel)
    try browser.wait("document.querySelector('h1')")
  }

  private func expectQuiet(_ browser: WebDriver) throws {
    let errors = try browser.errors()
    #expect(errors.isEmpty, "\(errors)")
    // Nothing is asked of anybody else.
    let asked = try browser.text(
      "return performance.getEntriesByType('resource').map((entry) => entry.name).filter((name) => "
        + "!name.startsWith(location.origin) && !name.startsWith('blob:')).join(' ')")
    #expect(asked == "")
  }

  @Test(arguments: [(320, false), (390, true), (768, false), (1280, false), (1280, true)])
  func everyPanelFits(width: Int, isDark: Bool) throws {
    let browser = try WebDriver(width: width, isDark: isDark)
    for panel in Self.panels {
      try open(browser, panel)
      try browser.run("document.documentElement.style.fontSize = '200%'")
      #expect(
        try browser.text("return document.documentElement.scrollWidth <= innerWidth") == "1",
        "\(panel)")
      let small = try browser.text(
        "document.documentElement.style.fontSize = ''; return [...document.querySelectorAll('button,"
          + " select, input:not([hidden]), summary, nav a')].filter((element) => { const box = "
          + "element.getBoundingClientRect(); return box.width && (box.width < 24 || box.height < 24); "
          + "}).map((element) => element.outerHTML.slice(0, 80)).join(' ')")
      #expect(small == "", "\(panel)")
    }
    try expectQuiet(browser)
  }

  @Test func imagesAreClassified() throws {
    let browser = try WebDriver(width: 1280)
    try open(browser, "classify")
    try browser.give(["one.png", "notes.heic", "two.jpg"].map { work.url($0).path })
    try browser.wait("/2 of 3 images/.test(document.getElementById('status').textContent)")
    #expect(try browser.text("return document.querySelectorAll('.bars').length") == "2")
    #expect(
      try browser.text("return document.querySelector('.card [role=alert]').textContent")
        .contains("not a PNG"))
    // And the next one works.
    try browser.give([work.url("one.png").path])
    try browser.wait("document.querySelectorAll('.bars').length === 3")
    try browser.run(
      "[...document.querySelectorAll('button')].find((one) => one.textContent === 'Why?').click()")
    try browser.wait("/Grad-CAM/.test(document.getElementById('status').textContent)")
    try expectQuiet(browser)
  }

  @Test func aTurnedPhotoStandsUpright() throws {
    // A JPEG of 90 × 160 with EXIF's orientation 6, which stands 160 × 90 upright.
    var file = try work.read("two.jpg")
    let exif: [UInt8] =
      [0xFF, 0xE1, 0, 34] + Array("Exif\0\0".utf8) + Array("MM\0*".utf8) + [0, 0, 0, 8, 0, 1]
      + [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0]
    file.insert(contentsOf: exif, at: 2)
    try work.write(file, to: "turned.jpg")
    let browser = try WebDriver(width: 1280)
    try open(browser, "filter?invert")
    try browser.give([work.url("turned.jpg").path])
    try browser.wait("document.querySelectorAll('.compare img')[1]?.naturalWidth === 160")
    #expect(try browser.text("return document.querySelector('.compare img').naturalWidth") == "160")
    try expectQuiet(browser)
  }

  @Test func filtersFollowTheirSettings() throws {
    let browser = try WebDriver(width: 1280)
    try open(browser, "filter?gaussian=2&sobel&direction=x")
    #expect(
      try browser.text(
        "return [...document.querySelectorAll('fieldset select')].map((one) => one.value).filter((name) => name).join(' ')"
      ).hasPrefix("gaussian sobel"))
    try browser.give([work.url("one.png").path])
    try browser.wait("document.getElementById('status').textContent === 'Filtered.'")
    // The arrow keys move the boundary.
    try browser.run("document.querySelector('.divider').focus()")
    try browser.press("\u{E014}\u{E014}")
    #expect(try browser.text("return document.querySelector('.divider').value") == "52")
    try browser.run("document.querySelector('summary').click()")
    try browser.run(
      "[...document.querySelectorAll('summary')].find((one) => /Every filter/.test(one.textContent)).click()"
    )
    try browser.wait("document.querySelectorAll('.gallery button').length > 40")
    try browser.wait(
      "[...document.querySelectorAll('.gallery img')].filter((one) => one.naturalWidth).length > 30"
    )
    try expectQuiet(browser)
  }

  @Test func droppedAndPastedImagesAreTaken() throws {
    let browser = try WebDriver(width: 1280)
    try open(browser, "classify")
    for (event, member) in [("drop", "dataTransfer"), ("paste", "clipboardData")] {
      try browser.run(
        """
        const canvas = document.createElement('canvas');
        canvas.toBlob((blob) => {
          const data = new DataTransfer();
          data.items.add(new File([blob], '\(event).png', { type: 'image/png' }));
          const event = new Event('\(event)', { bubbles: true, cancelable: true });
          Object.defineProperty(event, '\(member)', { value: data });
          document.body.dispatchEvent(event);
        });
        """)
      try browser.wait(
        "[...document.querySelectorAll('.card')].some((card) => card.textContent.includes('\(event).png') && card.querySelector('.bars'))"
      )
    }
    try expectQuiet(browser)
  }

  @Test func aReloadedPageFindsItsJob() throws {
    try work.write(picture(width: 2500, height: 2500), to: "large.png")
    let browser = try WebDriver(width: 1280)
    try open(browser, "filter?median=31")
    try browser.give([work.url("large.png").path])
    try browser.wait(
      "[...document.querySelectorAll('button')].some((one) => one.textContent === 'Filter the full image' && !one.disabled)"
    )
    try browser.run(
      "[...document.querySelectorAll('button')].find((one) => one.textContent === 'Filter the full image').click()"
    )
    try browser.wait("location.hash.includes('job=')")
    let address = try browser.text("return location.href")
    try browser.reload()
    try browser.wait(
      "document.querySelector('[aria-label=\"Work on the full image\"]') || /Save the full image/.test(document.body.textContent)",
      seconds: 2)
    // So does another tab.
    try browser.openTab()
    try browser.open(address)
    try browser.wait("/Save the full image/.test(document.body.textContent)", seconds: 60)
    try expectQuiet(browser)
  }

  @Test func nineTabsAnswer() throws {
    let browser = try WebDriver(width: 800)
    for _ in 0..<9 {
      try open(browser, "networks")
      try browser.wait("document.querySelectorAll('tbody tr').length > 3", seconds: 10)
      try browser.openTab()
    }
  }

  @Test func theKeyboardAlone() throws {
    let browser = try WebDriver(width: 1280)
    try open(browser, "classify")
    try browser.press("\u{E004}")
    #expect(try browser.text("return document.activeElement.textContent") == "Skip to the panel")
    var seen: Set<String> = []
    while true {
      try browser.press("\u{E004}")
      // Behind the last control the browser's own come.
      let isInPage = try browser.text(
        "return (document.activeElement ?? document.body) !== document.body")
      guard isInPage == "1" else { break }
      seen.insert(try browser.text("return document.activeElement.textContent"))
      let outline = try browser.text(
        "return getComputedStyle(document.activeElement).outlineStyle")
      #expect(outline != "none")
    }
    #expect(seen.isSuperset(of: ["Filter", "Runs", "Choose images", "Choose a folder"]))
    try browser.run(
      "[...document.querySelectorAll('nav a')].find((one) => one.textContent === 'Filter').focus()")
    try browser.press("\u{E007}")
    try browser.wait(
      "location.pathname === '/filter' && document.querySelector('h1').textContent === 'Filter an image'"
    )
  }

  @Test func aServerThatIsGoneIsNamed() throws {
    let browser = try WebDriver(width: 1280)
    try open(browser, "filter?sobel")
    _ = server.stop()
    try browser.give([work.url("one.png").path])
    try browser.wait("/the server does not answer/.test(document.body.textContent)")
  }

  /// axe-core, where its script is named by `AXE`.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["AXE"] != nil))
  func nothingIsInaccessible() throws {
    let axe = try String(
      contentsOfFile: ProcessInfo.processInfo.environment["AXE"] ?? "", encoding: .utf8)
    for isDark in [false, true] {
      let browser = try WebDriver(width: 1280, isDark: isDark)
      for panel in Self.panels {
        try open(browser, panel)
        if ["classify", "filter"].contains(panel) {
          try browser.give([work.url("one.png").path])
          try browser.wait(
            "/classified|Filtered/.test(document.getElementById('status').textContent)")
        }
        try browser.run(axe)
        try browser.run(
          "axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })"
            + ".then((result) => { window.found = result.violations.map((one) => one.id + ': ' + "
            + "one.nodes.map((node) => node.html.slice(0, 120)).join(' | ')); })")
        try browser.wait("window.found")
        #expect(try browser.text("return window.found.join('\\n')") == "", "\(panel)")
      }
    }
  }

  /// The README's pictures of the page, in the folder that `VISION_SCREENSHOTS` names: `make pictures`.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["VISION_SCREENSHOTS"] != nil))
  func pictures() throws {
    let folder = URL(
      fileURLWithPath: ProcessInfo.processInfo.environment["VISION_SCREENSHOTS"] ?? "")
    let scene = ReadmeTests.root.appendingPathComponent("samples/scene.png").path
    let browser = try WebDriver(width: 1100, height: 860)
    try open(browser, "filter?gaussian=2&sobel")
    try browser.give([scene])
    try browser.wait("document.getElementById('status').textContent === 'Filtered.'")
    try browser.run("document.getElementById('status').textContent = ''")
    try browser.screenshot().write(to: folder.appendingPathComponent("serve-filter.png"))
  }
}
