import ArgumentParser
import Engine

/// On what is computed.
struct ComputingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Threads to compute on; without it, one for each core.", valueName: "n"))
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "fp32, or bf16 where the processor has it: faster, a little less exact.", valueName: "name"))
  var precision: Precision?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads): give a whole number from 1 to 1024")
    }
  }

  var planOptions: PlanOptions { PlanOptions(threads: threads) }
}
