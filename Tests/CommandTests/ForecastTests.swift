import Foundation
import Testing

/// `vision forecast` with the real binary, on a table whose values rise and fall by turns.
struct ForecastTests {
  let work: Workspace

  init() throws {
    work = try Workspace()
    var state: UInt32 = 9
    let rows = (0..<400).map { (row: Int) -> String in
      state = state &* 1_664_525 &+ 1_013_904_223
      let noise = Double(state >> 8) / Double(1 << 24)
      let price = 100.0 + (row % 2 == 0 ? 5.0 : 0.0) + noise
      return "day \(row + 1),\(price)"
    }
    try work.write((["date,Price"] + rows).joined(separator: "\n"), to: "prices.csv")
  }

  private func vision(_ arguments: String) throws -> Outcome {
    try work.shell("\"$VISION\" \(arguments)")
  }

  private static let training =
    "forecast train prices.csv --column price --window 6 --network linear --epochs 20 --batch 16 "
    + "--learning-rate 0.02 --threads 1 --out run"

  @Test func trainsEvaluatesAndForecasts() throws {
    let trained = try vision(Self.training)
    #expect(trained.status == 0, "\(trained.error)")
    #expect(
      trained.errorLines[0]
        == "price: 400 rows, 261 to learn from, 38 to validate, 80 to test (from day 321 on)")
    #expect(
      trained.errorLines[1]
        == "linear with 7 parameters, 6 rows of returns, 1 row ahead, 20 epochs, batch size 16, seed 1"
    )
    #expect(work.exists("run/forecast.png"))
    let evaluated = try vision(
      "forecast evaluate prices.csv --model run/best.safetensors --season 2 --figure test.png")
    #expect(evaluated.status == 0, "\(evaluated.error)")
    #expect(evaluated.lines[0] == "80 test rows, from day 321 on")
    #expect(evaluated.lines[3].hasPrefix("last value repeated"))
    #expect(evaluated.lines[4].hasPrefix("2 rows before"))
    #expect(!evaluated.output.contains("No better"))
    #expect(work.exists("test.png"))
    let json = try vision("forecast evaluate prices.csv --model run/best.safetensors --json")
    let report = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    #expect((report?["skill"] as? Double ?? 0) > 0.7)

    let next = try vision("forecast prices.csv --model run/best.safetensors --csv")
    #expect(next.lines[0] == "ahead,value,lower,upper" && next.lines.count == 2)
    let numbers = next.lines[1].split(separator: ",").compactMap { Double($0) }
    #expect(numbers.count == 4 && abs(numbers[1] - 105.5) < 1)
    #expect(numbers[2] < numbers[1] && numbers[1] < numbers[3])
    #expect(
      try vision("forecast prices.csv --model run/best.safetensors").lines[1].hasPrefix("day 400"))
  }

  @Test func mistakesAreNamed() throws {
    func message(_ arguments: String, status: Int32 = 2) throws -> String {
      let outcome = try vision(arguments)
      #expect(outcome.status == status, "\(arguments)")
      return outcome.error
    }
    #expect(
      try message("forecast train prices.csv --column close --out run")
        == "vision: prices.csv: has no column close; it has date, Price\n")
    #expect(
      try message("forecast train prices.csv --column date --out run").hasPrefix(
        "vision: prices.csv: row 2, column date: \"day 1\" is not a number"))
    #expect(
      try message("forecast train prices.csv --column price --window 300 --out run").contains(
        "400 rows are too few for a window of 300"))
    #expect(
      try message("forecast prices.csv", status: 64).contains(
        "Missing expected argument '--model <file>'"))
    #expect(
      try message("forecast prices.csv --model objects.txt").hasPrefix("vision: objects.txt: "))
  }
}
