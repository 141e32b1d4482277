import Glibc

// `Benchmarks` runs all groups, `Benchmarks NAME …` those; `Benchmarks report` makes a document of what
// they and the peers said.
let groups: [(name: String, run: () throws -> Void)] = [
  ("commands", benchmarkCommands), ("classification", benchmarkClassification),
  ("filters", benchmarkFilters), ("networks", benchmarkNetworks),
]

if CommandLine.arguments.dropFirst() == ["report"] {
  writeReport()
  exit(0)
}
let wanted = CommandLine.arguments.dropFirst()
let names = groups.map(\.name).joined(separator: ", ")
if let unknown = wanted.first(where: { name in !groups.contains { $0.name == name } }) {
  let line = Array("\(unknown): no such group; there are \(names)\n".utf8)
  write(STDERR_FILENO, line, line.count)
  exit(64)
}
for group in groups where wanted.isEmpty || wanted.contains(group.name) {
  try group.run()
}
