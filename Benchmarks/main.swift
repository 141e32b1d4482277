import Glibc

// `Benchmarks commands`, `kinds`, `classification`, `filters` and `alpha` measure these; `Benchmarks network WORK THREADS
// PRECISION` measures a network; `Benchmarks report` makes a document of what they and the peers said.
let arguments = Array(CommandLine.arguments.dropFirst())
switch arguments.first {
case "commands" where arguments.count == 1: try benchmarkCommands()
case "kinds" where arguments.count == 1: try benchmarkKinds()
case "classification" where arguments.count == 1: try benchmarkClassification()
case "filters" where arguments.count <= 2:
  try benchmarkFilters(arguments.count == 2 ? arguments[1] : "")
case "alpha" where arguments.count <= 2:
  try benchmarkAlpha(arguments.count == 2 ? arguments[1] : "")
case "network":
  guard try benchmarkNetwork(Array(arguments.dropFirst())) else { refuse() }
case "report" where arguments.count == 1: writeReport()
default: refuse()
}

func refuse() -> Never {
  writeError(
    """
    usage: Benchmarks commands | kinds | classification | filters [PREFIX] | alpha [PREFIX] | report
           Benchmarks network WORK THREADS PRECISION [profile]\n
    """)
  exit(64)
}

func writeError(_ text: String) {
  let bytes = Array(text.utf8)
  write(STDERR_FILENO, bytes, bytes.count)
}
