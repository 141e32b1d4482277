import Filters
import Testing

/// Kernels as people write them.
@Suite struct KernelTextTests {
  @Test func aCommaBetweenDigitsIsRefused() throws {
    #expect(throws: FilterError.self) { try Kernel(text: "0,5 0,5") }
    do {
      _ = try Kernel(text: "1 2; 0,5 1")
      Issue.record("taken")
    } catch {
      #expect(
        "\(error)"
          == "kernel row 2: \"0,5\" has a comma between digits; write a decimal point, or a blank behind the comma"
      )
    }
    #expect(try Kernel(text: "1, 0, -1").rows == [[1, 0, -1]])
    #expect(try Kernel(text: "1 ,2").rows == [[1, 2]])
    for filter in [Filter.gaussian, .contrast, .gamma, .noise, .brightness, .clahe] {
      #expect(throws: FilterError.self) { try FilterStep(filter, "1,5") }
    }
  }

  @Test(arguments: ["1 0 -1\n", "{\"kernel\": [[1, 0, -1]]}"])
  func aByteOrderMarkIsPassedOver(_ text: String) throws {
    let kernel = try Kernel(file: [0xEF, 0xBB, 0xBF] + Array(text.utf8))
    #expect(kernel.rows == [[1, 0, -1]])
  }
}
