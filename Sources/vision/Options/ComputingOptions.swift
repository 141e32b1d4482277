import ArgumentParser
import Engine

/// How a network is computed: shared by every command that runs one.
struct ComputingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Threads to compute on; without it, one for each core.", valueName: "n"))
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "fp32, or bf16 where the processor has it: in less memory, often faster, a little less exact.",
      valueName: "name"))
  var precision: Precision?

  @Flag(help: "At the end, print on standard error how long each operation took.")
  var profile = false

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads): expected 1 to 1024")
    }
  }

  /// Runs what a command does with networks, then prints the profile where one is wanted.
  ///
  /// - Parameter body: gets the options for all plans.
  func profiled<Result, Failure: Error>(
    _ body: (PlanOptions) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let profiler = profile ? Profiler() : nil
    defer { if let profiler { StandardStream.error.write(profiler.report) } }
    return try body(
      PlanOptions(threads: threads, precision: precision ?? .float32, profiler: profiler))
  }
}
