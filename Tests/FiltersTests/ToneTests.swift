import Filters
import Images
import Testing

/// Point operations, by hand.
@Suite struct ToneTests {
  @Test(
    arguments: [
      ("invert", nil, [255, 155, 0]), ("brightness", "20", [20, 120, 255]),
      ("brightness", "-10%", [0, 74, 230]), ("contrast", "2", [0, 72, 255]),
      ("contrast", "0", [128, 128, 128]), ("gamma", "2", [0, 160, 255]),
      ("gamma", "0.5", [0, 39, 255]), ("posterize", "2", [0, 0, 255]),
      ("posterize", "4", [0, 85, 255]), ("levels", "50,200", [0, 85, 255]),
      ("levels", "50,200,2", [0, 147, 255]), ("threshold", "99.5", [0, 255, 255]),
      ("threshold", "100", [0, 0, 255]), ("autocontrast", nil, [0, 100, 255]),
    ] as [(String, String?, [Double])])
  func grayValues(_ name: String, _ argument: String?, _ expected: [Double]) throws {
    let step = try FilterStep(#require(Filter.named(name)), argument)
    let image = Image(gray: [[0, 100, 255]])
    #expect(try FilterChain([step]).apply(to: image).samples == expected)
  }

  @Test func autocontrastTakesTheExtremesOfAllChannels() throws {
    let image = Image(PixelLayout(width: 2, height: 1, channels: 3), [50, 60, 70, 80, 90, 100])
    let result = try FilterChain([FilterStep(.autocontrast)]).apply(to: image)
    #expect(result.samples == [0, 51, 102, 153, 204, 255])
    let uniform = Image(gray: [[7, 7]])
    #expect(try FilterChain([FilterStep(.autocontrast)]).apply(to: uniform).samples == [7, 7])
  }

  @Test func colors() throws {
    let red = Image(PixelLayout(width: 1, height: 1, channels: 4), [200, 0, 0, 9])
    func result(_ filter: Filter, _ argument: String? = nil) throws -> [Double] {
      try FilterChain([FilterStep(filter, argument)]).apply(to: red).samples
    }
    #expect(try result(.sepia) == [79, 70, 54, 9])
    #expect(try result(.saturation, "0") == [60, 60, 60, 9])
    #expect(try result(.saturation, "1") == [200, 0, 0, 9])
    #expect(try result(.saturation, "2") == [255, 0, 0, 9])
    // A gray image gets the colors of sepia, and stays gray whatever its saturation.
    let gray = Image(gray: [[100]])
    #expect(try FilterChain([FilterStep(.sepia)]).apply(to: gray).samples == [135, 120, 94])
    #expect(try FilterChain([FilterStep(.saturation, "3")]).apply(to: gray).samples == [100])
  }

  /// What is invisible has no part in a histogram.
  @Test func histogramsPassOverTransparentPixels() throws {
    let image = Image(
      PixelLayout(width: 4, height: 1, channels: 2), [10, 255, 20, 255, 200, 0, 30, 255])
    let result = try FilterChain([FilterStep(.autocontrast)]).apply(to: image).samples
    #expect(result == [0, 255, 128, 255, 255, 0, 255, 255])
  }

  @Test func unsharpByHand() throws {
    let edge = Image(gray: [[0, 0, 0, 0, 100, 100, 100, 100]])
    let blurred = try FilterChain([FilterStep(.gaussian, "1")]).apply(to: edge).samples
    let sharp = try FilterChain([FilterStep(.unsharp, "1", modifiers: ["amount": "0.5"])])
      .apply(to: edge).samples
    for (x, (g, s)) in zip(edge.samples, zip(blurred, sharp)) {
      #expect(s == min(max((x + 0.5 * (x - g)).rounded(.toNearestOrEven), 0), 255))
    }
    let kept = try FilterChain([FilterStep(.unsharp, "1", modifiers: ["above": "101"])])
      .apply(to: edge)
    #expect(kept == edge)
  }

  @Test(arguments: [
    ("median", "4", "median size 4: give an odd number from 1 to 255"),
    ("median", "257", "median size 257: give an odd number from 1 to 255"),
    (
      "bilateral", "9,50",
      "bilateral 9,50: give D,SIGMA_COLOR,SIGMA_SPACE, as 9,50,50; D is a whole number from 1 to 99, the others are above 0"
    ),
    ("canny", "50", "canny 50: give LOW,HIGH, two numbers from 0, as 50,150"),
    ("threshold", "0tsu", "threshold 0tsu: give a number, otsu or triangle"),
    ("gamma", "0", "gamma 0: give a number from 0.01 to 100"),
    ("salt-pepper", "2", "salt-pepper 2: give a number from 0 to 1"),
    ("posterize", "1", "posterize 1: give a whole number from 2 to 256"),
    ("log", "0", "log sigma 0: give a number from 0.1 to 100"),
    ("dog", "2", "dog 2: give S1,S2, as 1,2"),
  ])
  func badArguments(_ name: String, _ argument: String, _ message: String) throws {
    let filter = try #require(Filter.named(name))
    do {
      _ = try FilterStep(filter, argument)
      Issue.record("\(name) \(argument) was taken")
    } catch {
      #expect("\(error)" == message)
    }
  }

  @Test(arguments: [
    (["element": "0 0"], "the element has no pixels; give some that are not 0"),
    (["element-size": "0"], "element-size 0: give W or WxH, whole numbers from 1 to 1023"),
    (["iterations": "0"], "iterations 0: give a whole number from 1 to 100"),
    (
      ["element": "1", "element-size": "3"],
      "element-size has no meaning for an element that is typed; leave it out"
    ),
  ])
  func badElements(_ modifiers: [String: String], _ message: String) {
    do {
      _ = try FilterStep(.erode, modifiers: modifiers)
      Issue.record("\(modifiers) was taken")
    } catch {
      #expect("\(error)" == message)
    }
  }
}
