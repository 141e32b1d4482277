import Glibc

/// `Benchmarks report`: the lines of all measurements, ours and the peers', from standard input to a
/// Markdown document on standard output.
///
/// A line's columns are group, work, program, and in milliseconds median, best and processor time, then
/// perhaps peak memory in MiB and the size of the output in bytes. The first program of a work, or
/// the one whose name ends as a peer's does (`1` and `opencv 1`), is ours. Lines of the group `about`
/// say where it was measured, a line of the group `part` names the instruction set of those that follow.
func writeReport() {
  var about: [[String]] = []
  var parts: [(level: String, rows: [[String]])] = []
  while let line = readLine() {
    let columns = line.split(separator: "\t").map(String.init)
    if columns.first == "about" {
      about.append(columns)
    } else if columns.first == "part", columns.count == 2 {
      parts.append((columns[1], []))
    } else if columns.count >= 6, !parts.isEmpty {
      parts[parts.count - 1].rows.append(columns)
    }
  }
  print(
    """
    # Benchmarks

    Measured by `make bench`, all programs of a table in the same run on the same input. Median and best are
    wall-clock time; CPU is the time over all cores, which is less affected by other load. The last column is
    our median divided by the program's: below 1, we are faster.

    """)
  for columns in about where columns.count > 2 { print("- \(columns[1]): \(columns[2])") }
  for (index, part) in parts.enumerated() {
    print("\n## \(partNames[part.level] ?? part.level) (\(part.level))")
    if index > 0 {
      print(
        """

        The same processor, ours limited by `VISION_CPU=\(part.level)` and the peers by their own variables;
        onnxruntime has none, so its figures are above.
        """)
    }
    writeTables(part.rows)
  }
}

private let partNames = ["x86-64-v4": "AVX-512", "x86-64-v3": "AVX2", "x86-64": "SSE2"]

/// A table for each group.
private func writeTables(_ rows: [[String]]) {
  for group in distinct(rows.map { $0[0] }) {
    print("\n### \(group.prefix(1).uppercased())\(group.dropFirst())\n")
    let members = rows.filter { $0[0] == group }
    let hasMemory = members.contains { $0.count > 6 }
    let extra = hasMemory ? " peak MiB | output bytes |" : ""
    print("| work | program | median ms | best ms | CPU ms |\(extra) relative |")
    print("|---|---|--:|--:|--:|\(hasMemory ? "--:|--:|" : "")--:|")
    for work in distinct(members.map { $0[1] }) {
      let programs = members.filter { $0[1] == work }
      for (index, program) in programs.enumerated() {
        print(row(program, index, programs, hasMemory))
      }
    }
  }
}

/// A program's line in the table of its group.
private func row(_ program: [String], _ index: Int, _ programs: [[String]], _ hasMemory: Bool)
  -> String
{
  let ours =
    programs.first { $0[2] != program[2] && program[2].hasSuffix(" " + $0[2]) } ?? programs[0]
  let name = shownName(program[2])
  var cells = [index == 0 ? program[1] : "", name] + program[3...5]
  if hasMemory { cells += (6...7).map { program.count > $0 ? program[$0] : "" } }
  let isOurs = ours == program || name.hasPrefix("vision")
  if !isOurs, let our = Double(ours[3]), let their = Double(program[3]), their > 0 {
    cells.append("\(Double(Int(our / their * 100 + 0.5)) / 100)")
  } else {
    cells.append("")
  }
  return "| " + cells.joined(separator: " | ") + " |"
}

/// Our programs are reported as `2` or `2 bf16`: threads, precision.
private func shownName(_ program: String) -> String {
  let words = program.split(separator: " ")
  guard let threads = words.first.flatMap({ Int($0) }) else { return program }
  return (["vision, \(threads) \(threads == 1 ? "thread" : "threads")"] + words.dropFirst())
    .joined(separator: ", ")
}

/// The names in the order in which they first appear.
private func distinct(_ names: [String]) -> [String] {
  var seen: Set<String> = []
  return names.filter { seen.insert($0).inserted }
}
