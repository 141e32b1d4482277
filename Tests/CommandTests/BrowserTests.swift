import Foundation
import Images
import Testing

/// The page in a real browser: `make browser`.
@Suite(.serialized, .enabled(if: ServedPage.isWanted))
struct BrowserTests {
  let page: ServedPage
  var work: Workspace { page.work }
  var server: RunningServer { page.server }

  init() throws { page = try ServedPage() }

  @Test(arguments: [(320, false), (390, true), (768, false), (1280, false), (1280, true)])
  func everyPanelFits(width: Int, isDark: Bool) throws {
    let browser = try WebDriver(width: width, isDark: isDark)
    for panel in ServedPage.panels {
      try page.open(browser, panel)
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
    try page.expectQuiet(browser)
  }

  @Test func imagesAreClassified() throws {
    let browser = try WebDriver(width: 1280)
    try page.open(browser, "classify")
    try browser.give(["one.png", "notes.heic", "two.jpg"].map { page.path($0) })
    try browser.wait("/2 of 3 images/.test(document.getElementById('status').textContent)")
    #expect(try browser.text("return document.querySelectorAll('.bars').length") == "2")
    #expect(
      try browser.text("return document.querySelector('.card [role=alert]').textContent")
        .contains("not a PNG"))
    #expect(
      try browser.text("return document.querySelector('.card progress, progress').ariaLabel") != "")
    // And the next one works.
    try browser.give([page.path("one.png")])
    try browser.wait("document.querySelectorAll('.bars').length === 3")
    try browser.run(
      "[...document.querySelectorAll('button')].find((one) => one.textContent === 'Why?').click()")
    try browser.wait("/Grad-CAM/.test(document.getElementById('status').textContent)")
    try page.expectQuiet(browser)
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
    try page.open(browser, "filter?invert")
    try browser.give([page.path("turned.jpg")])
    try browser.wait("document.querySelectorAll('.compare img')[1]?.naturalWidth === 160")
    #expect(try browser.text("return document.querySelector('.compare img').naturalWidth") == "160")
    try page.expectQuiet(browser)
  }

  @Test func filtersFollowTheirSettings() throws {
    let browser = try WebDriver(width: 1280)
    try page.open(browser, "filter?gaussian=2&sobel&direction=x")
    #expect(
      try browser.text(
        "return [...document.querySelectorAll('fieldset select')].map((one) => one.value).filter((name) => name).join(' ')"
      ).hasPrefix("gaussian sobel"))
    try browser.give([page.path("one.png")])
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
    try page.expectQuiet(browser)
  }

  @Test func droppedAndPastedImagesAreTaken() throws {
    let browser = try WebDriver(width: 1280)
    try page.open(browser, "classify")
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
    try page.expectQuiet(browser)
  }

  @Test(arguments: ServedPage.panels) func theKeyboardReachesEverything(panel: String) throws {
    let browser = try WebDriver(width: 1280)
    try page.open(browser, panel)
    try browser.press("\u{E004}")
    #expect(try browser.text("return document.activeElement.textContent") == "Skip to the panel")
    // Everything that can be pressed, typed in or chosen, in the order in which it stands.
    try browser.run(
      "window.left = new Set([...document.querySelectorAll('a, button, select, summary, input')]"
        + ".filter((one) => !one.disabled && one.checkVisibility() && !one.matches('.skip')))")
    for _ in 0..<200 {
      try browser.press("\u{E004}")
      // Behind the last control the browser's own come.
      let isInPage = try browser.text(
        "window.left.delete(document.activeElement);"
          + "return (document.activeElement ?? document.body) !== document.body")
      guard isInPage == "1" else { break }
      let outline = try browser.text(
        "const style = getComputedStyle(document.activeElement); return style.outlineStyle + style.outlineWidth"
      )
      #expect(!outline.hasPrefix("none") && outline != "solid0px", "\(outline)")
    }
    #expect(
      try browser.text("return [...window.left].map((one) => one.outerHTML.slice(0, 90)).join(' ')")
        == "")
  }

  @Test func aLinkOpensItsPanelByKeyboard() throws {
    let browser = try WebDriver(width: 1280)
    try page.open(browser, "classify")
    try browser.run(
      "[...document.querySelectorAll('nav a')].find((one) => one.textContent === 'Filter').focus()")
    try browser.press("\u{E007}")
    try browser.wait(
      "location.pathname === '/filter' && document.querySelector('h1')?.textContent === 'Filter an image'"
    )
    #expect(try browser.text("return document.activeElement.id") == "main")
    // And back.
    try browser.run("history.back()")
    try browser.wait("document.querySelector('h1')?.textContent === 'Classify images'")
    try page.expectQuiet(browser)
  }

  @Test func colorsAndMotionAreTheUsers() throws {
    let browser = try WebDriver(
      width: 1280, features: ["forced-colors": "active", "prefers-reduced-motion": "reduce"])
    for panel in ServedPage.panels {
      try page.open(browser, panel)
      #expect(
        try browser.text(
          "return getComputedStyle(document.querySelector('nav a[aria-current]')).borderTopStyle")
          == "solid")
      #expect(
        try browser.text(
          "return [...document.querySelectorAll('*')].filter((one) => "
            + "getComputedStyle(one).transitionDuration !== '0s').length") == "0")
    }
  }

  @Test func addressesOfImagesAreGivenBack() throws {
    let browser = try WebDriver(width: 1280)
    try page.open(browser, "filter?rotate=1")
    try browser.run(
      """
      window.live = 0;
      const make = URL.createObjectURL, free = URL.revokeObjectURL;
      URL.createObjectURL = (blob) => { window.live += 1; return make.call(URL, blob); };
      URL.revokeObjectURL = (address) => { window.live -= 1; free.call(URL, address); };
      """)
    try browser.give([page.path("one.png")])
    try browser.status("Filtered")
    for value in 2..<42 {
      try browser.run(
        """
        document.getElementById('status').textContent = '';
        const slider = document.querySelector('fieldset input[type=range]');
        slider.value = \(value);
        slider.dispatchEvent(new Event('input'));
        """)
      try browser.status("Filtered")
    }
    let live = Int(try browser.text("return window.live")) ?? .max
    #expect(live < 20)
    try page.expectQuiet(browser)
  }

  @Test func aServerThatIsGoneIsNamed() throws {
    let browser = try WebDriver(width: 1280)
    try page.open(browser, "filter?sobel")
    _ = server.stop()
    try browser.give([page.path("one.png")])
    try browser.wait("/the server does not answer/.test(document.body.textContent)")
  }

  /// axe-core, where its script is named by `AXE`.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["AXE"] != nil))
  func nothingIsInaccessible() throws {
    let axe = try String(
      contentsOfFile: ProcessInfo.processInfo.environment["AXE"] ?? "", encoding: .utf8)
    for isDark in [false, true] {
      let browser = try WebDriver(width: 1280, isDark: isDark)
      for panel in ServedPage.panels {
        try page.open(browser, panel)
        switch panel {
        case "classify", "filter":
          try browser.give([page.path("one.png")])
          try browser.wait(
            "/classified|Filtered/.test(document.getElementById('status').textContent)")
        case "restore":
          try browser.give([page.path("one.png")])
          try browser.click("Start")
          try browser.status("can be saved")
        case "networks":
          try browser.give([page.path("one.png")])
          try browser.status("figures")
        case "generate": try browser.status("generated images")
        default: break
        }
        // What is folded away, too.
        try browser.run("for (const one of document.querySelectorAll('details')) one.open = true")
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
    func save(_ name: String) throws {
      try browser.run("document.getElementById('status').textContent = ''")
      try browser.screenshot().write(to: folder.appendingPathComponent(name))
    }
    try page.open(browser, "filter?gaussian=2&sobel")
    try browser.give([scene])
    try browser.status("Filtered")
    try save("serve-filter.png")
    let noisy = try page.work.shell(
      "$VISION filter --crop 150,70,320,240 --noise 30 - < \"\(scene)\" > noisy.png")
    #expect(noisy.status == 0)
    try page.open(browser, "restore?work=denoise")
    try browser.give([page.path("noisy.png")])
    try browser.click("Start")
    try browser.status("can be saved")
    try save("serve-restore.png")
  }
}
