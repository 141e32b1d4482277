import ArgumentParser
import Engine

/// How a network is computed: shared by every command that runs one.
struct ComputeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Number of threads (default: one per core).", valueName: "n"))
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      """
      Compute precision: fp32, or bf16 on processors that support it (less memory, often faster, \
      slightly less accurate).
      """,
      valueName: "name"))
  var precision: Precision?

  @Flag(help: "Print the time spent in each operation to standard error.")
  var profile = false

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads): must be between 1 and 1024")
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
