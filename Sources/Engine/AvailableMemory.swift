import Glibc

/// How many bytes the process may still take: what the system has free or can free, the rest of a
/// container's share, and the rest of what `ulimit -v` allows, whichever is least.
///
/// Linux grants more than it has and ends a process that then uses it; so large requests are compared
/// with this first.
package func availableMemory() -> Int {
  var least = Int.max
  let system = numbers(in: "/proc/meminfo")
  if let free = system["MemAvailable:"] {
    least = min(least, (free + (system["SwapFree:"] ?? 0)) << 10)
  }
  if let limit = number(in: "/sys/fs/cgroup/memory.max"),
    let used = number(in: "/sys/fs/cgroup/memory.current")
  {
    // Pages of files are given back when others are asked for.
    let files = numbers(in: "/sys/fs/cgroup/memory.stat")["file"] ?? 0
    least = min(least, max(limit - used + files, 0))
  }
  var allowed = rlimit()
  if getrlimit(Int32(RLIMIT_AS.rawValue), &allowed) == 0, allowed.rlim_cur < Int.max,
    let pages = number(in: "/proc/self/statm")
  {
    least = min(least, max(Int(allowed.rlim_cur) - pages * Int(sysconf(Int32(_SC_PAGESIZE))), 0))
  }
  return least
}

/// The lines `name number …` of a small text file; none where it cannot be read.
private func numbers(in path: String) -> [String: Int] {
  var numbers: [String: Int] = [:]
  for line in text(in: path).split(separator: "\n") {
    let words = line.split { $0 == " " || $0 == "\t" }
    if words.count > 1, let number = Int(words[1]) { numbers[String(words[0])] = number }
  }
  return numbers
}

/// The number with which a small text file begins; nil where it begins with none.
private func number(in path: String) -> Int? {
  text(in: path).split { $0 == " " || $0 == "\n" }.first.flatMap { Int($0) }
}

private func text(in path: String) -> String {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return "" }
  defer { close(descriptor) }
  var bytes = [UInt8](repeating: 0, count: 16_384)
  let count = read(descriptor, &bytes, bytes.count)
  return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : ""
}
