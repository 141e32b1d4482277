import Filters
import Foundation
import Images
import Testing

/// `vision filter learn`: a picture and its filtered version give the kernel back.
struct FilterLearnTests {
  let work: Workspace

  init() throws {
    work = try Workspace()
    try work.write(picture(width: 90, height: 70), to: "before.png")
  }

  private static let known: [(filter: [String], kernel: [[Double]])] = [
    (["--sobel", "--direction", "x"], [[1, 0, -1], [2, 0, -2], [1, 0, -1]]),
    (["--box", "3"], Array(repeating: Array(repeating: 1.0 / 9, count: 3), count: 3)),
    (["--sharpen"], [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
  ]

  @Test(arguments: known)
  func theKernelIsFoundSavedAndApplied(filter: [String], expected: [[Double]]) throws {
    try work.vision(arguments: ["filter"] + filter + ["before.png", "-o", "after.png"])
    let outcome = try work.vision(
      "filter", "learn", "--before", "before.png", "--after", "after.png", "--size", "3", "-o",
      "kernel.json")
    #expect(outcome.status == 0)
    #expect(outcome.lines.first == "3 × 3 kernel")
    #expect(outcome.output.contains("\nRMSE             0."))
    #expect(outcome.error == "saved to kernel.json\n")
    let kernel = try Kernel(file: Array(try work.read("kernel.json")))
    for (row, expectedRow) in zip(kernel.rows, expected) {
      for (weight, expectedWeight) in zip(row, expectedRow) {
        #expect(abs(weight * kernel.scale - expectedWeight) < 1e-3)
      }
    }
    try work.vision("filter", "--kernel", "@kernel.json", "before.png", "-o", "again.png")
    let again = try work.image("again.png").bytes
    let difference = zip(again, try work.image("after.png").bytes).map { abs(Int($0) - Int($1)) }
      .max()
    #expect(try #require(difference) <= 1)
  }

  @Test func theKernelGoesToStandardOutput() throws {
    let outcome = try work.vision(
      "filter", "learn", "--before", "before.png", "--after", "before.png", "-o", "-")
    #expect(try Kernel(file: Array(outcome.outputBytes)).rows.count == 3)
  }

  @Test func picturesOfDifferentSizesAreRefused() throws {
    try work.write(picture(width: 20, height: 20), to: "other.png")
    let outcome = try work.vision(
      "filter", "learn", "--before", "before.png", "--after", "other.png")
    #expect(outcome.status == 1)
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.error.hasPrefix("vision: before.png, other.png: the images differ"))
  }

  @Test func aPictureIsNotReplacedByTheKernel() throws {
    let outcome = try work.vision(
      "filter", "learn", "--before", "before.png", "--after", "before.png", "-o", "before.png")
    #expect(outcome.status == 64)
    #expect(try work.image("before.png").bytes == picture(width: 90, height: 70).bytes)
  }

  @Test func whatIsMissingIsNamed() throws {
    let outcome = try work.vision("filter", "learn", "--before", "before.png")
    #expect(outcome.status == 64)
    #expect(
      outcome.error
        == "vision: Missing expected argument '--after <image>'; see 'vision filter learn --help'\n"
    )
    let missing = try work.vision("filter", "learn", "--before", "no.png", "--after", "no.png")
    #expect(missing.status == 1)
    #expect(missing.error == "vision: no.png: cannot open: No such file or directory\n")
  }
}
