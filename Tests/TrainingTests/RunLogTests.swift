import FoundationEssentials
import Testing
import Training

@Suite struct RunLogTests {
  private var log: RunLog {
    var log = RunLog(columns: ["epoch", "loss", "accuracy"])
    log.append(["epoch": 1, "loss": 2.302585093])
    log.append(["loss": 0.000012345678, "epoch": 2, "accuracy": 0.5, "other": 7])
    return log
  }

  @Test func csvHasAHeaderAndSixDigits() {
    #expect(log.csv == "epoch,loss,accuracy\n1,2.30259,\n2,1.23457e-05,0.5\n")
  }

  @Test func jsonLineIsAnObject() {
    #expect(
      log.jsonLine(row: 0, adding: [("seconds", 1.5)])
        == #"{"epoch": 1, "loss": 2.30259, "accuracy": null, "seconds": 1.5}"#)
  }

  @Test func columnsAreFoundByName() {
    #expect(log.column("accuracy") == [nil, 0.5])
    #expect(log.column("none").isEmpty)
  }

  @Test func survivesJSONToTheBit() throws {
    var log = log
    log.append(["epoch": 3, "loss": 0.1 + 0.2, "accuracy": .leastNonzeroMagnitude])
    let copy = try JSONDecoder().decode(RunLog.self, from: JSONEncoder().encode(log))
    #expect(copy == log)
  }

  @Test func differencesNameTheirKeys() throws {
    let before = Data(#"{"a": {"b": 1, "c": [true, 2]}, "d": "x", "e": null}"#.utf8)
    let now = Data(#"{"a": {"b": 1.5, "c": [true, 2]}, "d": "x", "e": null, "f": 3}"#.utf8)
    let differences = try ConfigurationDifference.between(before, now)
    #expect(
      differences.map(\.description) == ["a.b was 1, is now 1.5", "f was not set, is now 3"])
    #expect(try ConfigurationDifference.between(now, now).isEmpty)
  }
}
