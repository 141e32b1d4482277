import Glibc

/// Whole commands, from the start of the process to its end, beside scripts that do the same with
/// OpenCV and libvips. The programs take turns, so that what else the machine does strikes all alike.
///
/// The inputs in `.build/bench` come from `render-samples --measurements`, the peers' Python from
/// `Tools/bench.sh`; without it only our side is measured.
func benchmarkCommands() throws {
  let vision = ".build/release/vision"
  let (photo, jpeg, tiles) = (
    ".build/bench/photo.png", ".build/bench/photo.jpg", ".build/bench/tiles"
  )
  let sobel = "whole command: 12 MP PNG → Sobel → PNG"
  try compare(
    sobel,
    [
      Program("vision", [vision, "filter", "--sobel", photo, "-o"], "vision.png"),
      Program(
        "vision, one thread", [vision, "filter", "--sobel", "-j", "1", photo, "-o"], "vision.png"),
      Program(
        "vision --compression fast",
        [vision, "filter", "--sobel", "--compression", "fast", photo, "-o"], "fast.png"),
      Program(peer: "OpenCV", "filter_cv2.py", ["sobel", photo], "opencv.png"),
      Program(peer: "libvips, level 1", "filter_vips.py", ["sobel", photo], "libvips.png"),
    ])
  try compare(
    "whole command: 12 MP JPEG → Gaussian σ 2 → JPEG, quality 90, 4:2:0",
    [
      Program(
        "vision",
        [
          vision, "filter", "--gaussian", "2", "--quality", "90", "--subsampling", "4:2:0", jpeg,
          "-o",
        ], "vision.jpg"),
      Program(peer: "OpenCV", "filter_cv2.py", ["gaussian", jpeg], "opencv.jpg"),
      Program(peer: "libvips", "filter_vips.py", ["gaussian", jpeg], "libvips.jpg"),
    ])
  try compare(
    "whole command: 200 PNG of 512 × 512 → Sobel → PNG",
    [
      Program("vision", [vision, "filter", "--sobel", tiles, "-o"], "vision/"),
      Program(peer: "OpenCV, two processes", "directory_cv2.py", [tiles], "opencv/"),
    ])
  try compare(
    "whole command: graphics of 1920 × 1080, PNG → PNG",
    [
      Program(
        "vision --compression balanced",
        [vision, "filter", "--identity", ".build/bench/screen.png", "-o"], "balanced.png"),
      Program(
        peer: "libpng level 6 (libvips)", "recompress_vips.py", [".build/bench/screen.png"],
        "level6.png"),
    ])
  try compare(
    "whole command: 12 MP JPEG → thumbnail of 256",
    [
      Program("vision", [vision, "filter", "--thumbnail", "256", jpeg, "-o"], "thumbnail.jpg"),
      Program(
        peer: "libvips", "thumbnail_vips.py", [jpeg], "libvips.jpg"),
    ])
  try compare("vision --version", [Program("vision", [vision, "--version"], nil)], runs: 41)
}

/// PNG to PNG for every filter of the catalog on every kind of image; of each kind, the filter is
/// reported in which we do worst in time, and that in which we do worst in size.
///
/// Without Python there is nothing to be compared with.
func benchmarkKinds() throws {
  let (vision, python) = (".build/release/vision", ".build/peers/bin/python")
  let folder = ".build/bench/kinds"
  guard access(python, X_OK) == 0 else { return }
  if access(folder, F_OK) != 0 {
    _ = try FinishedProcess(
      [python, "Benchmarks/peers/png_kinds.py", ".build/bench/photo.png", folder])
  }
  let filters = [
    "identity", "edge", "edge8", "laplacian", "sharpen", "sharpen8", "strong-edge", "blur",
    "box=9", "gaussian=3", "sobel", "scharr", "gray", "invert", "resize",
  ]
  for kind in ["photograph", "gradient", "blurred noise", "drawing", "noise"] {
    for samples in ["8 bit gray", "8 bit RGB", "16 bit gray", "16 bit RGB"] {
      let input = "\(folder)/\(kind) \(samples).png"
      var worst: (ratio: Double, filter: String) = (0, "")
      var largest: (ratio: Double, filter: String) = (0, "")
      for filter in filters {
        let programs = kindPrograms(filter, input, vision)
        let times = try programs.map { try FinishedProcess($0.arguments).processorMilliseconds }
        let sizes = programs.map { Double($0.output.flatMap(fileSize) ?? 1) }
        if times[0] / times[1] > worst.ratio { worst = (times[0] / times[1], filter) }
        if sizes[0] / sizes[1] > largest.ratio { largest = (sizes[0] / sizes[1], filter) }
      }
      for (filter, aspect) in [(worst.filter, "time"), (largest.filter, "size")] {
        try compare(
          "PNG → PNG, \(kind), \(samples): worst in \(aspect) is \(filter)",
          kindPrograms(filter, input, vision), runs: 3)
      }
    }
  }
}

private func kindPrograms(_ filter: String, _ input: String, _ vision: String) -> [Program] {
  let parts = filter.split(separator: "=").map(String.init)
  let argument = filter == "resize" ? ["50%"] : Array(parts.dropFirst())
  return [
    Program(
      "vision, one thread",
      [vision, "filter", "--" + parts[0]] + argument + ["-j", "1", input, "-o"],
      "kind.png"),
    Program(peer: "OpenCV", "filter_cv2.py", [filter, input], "kind-opencv.png"),
  ]
}

/// A command line to be measured.
struct Program {
  let name: String
  let arguments: [String]
  let output: String?

  /// - Parameter output: the last argument, a file or folder in `.build/bench/out/`.
  init(_ name: String, _ arguments: [String], _ output: String?) {
    self.name = name
    self.output = output.map { ".build/bench/out/" + $0 }
    self.arguments = arguments + (self.output.map { [$0] } ?? [])
  }

  /// A script of `Benchmarks/peers`.
  init(peer name: String, _ script: String, _ arguments: [String], _ output: String?) {
    self.init(name, [".build/peers/bin/python", "Benchmarks/peers/" + script] + arguments, output)
  }

  var exists: Bool { access(arguments[0], X_OK) == 0 }
}

/// Runs the programs in turns and reports each one's median.
func compare(_ work: String, _ programs: [Program], runs: Int = 9) throws {
  let programs = programs.filter(\.exists)
  var processes = programs.map { _ in [FinishedProcess]() }
  for run in 0...runs {
    for (index, program) in programs.enumerated() {
      let process = try FinishedProcess(program.arguments)
      // The first run fills the caches.
      if run > 0 { processes[index].append(process) }
    }
  }
  for (program, processes) in zip(programs, processes) {
    let timing = Timing(
      walls: processes.map(\.milliseconds), processors: processes.map(\.processorMilliseconds))
    report(
      "commands", work, program.name, timing,
      peakMebibytes: processes.map(\.peakMebibytes).max(), bytes: program.output.flatMap(fileSize))
  }
}

private func fileSize(_ path: String) -> Int? {
  var status = stat()
  guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
  return Int(status.st_size)
}

/// A process that ran to its end, its output thrown away.
private struct FinishedProcess {
  let milliseconds: Double
  let processorMilliseconds: Double
  let peakMebibytes: Double

  /// The variables that keep a program from using all that the processor has.
  private static let limits = [
    "VISION_CPU", "ONEDNN_MAX_CPU_ISA", "ATEN_CPU_CAPABILITY", "OPENCV_CPU_DISABLE",
  ]

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  init(_ arguments: [String]) throws(Failure) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    var words = arguments.map { strdup($0) } + [nil]
    var environment = Self.limits.compactMap { name in
      getenv(name).map { strdup(name + "=" + String(cString: $0)) }
    }
    environment.append(nil)
    defer { for word in words + environment { free(word) } }
    let start = now(CLOCK_MONOTONIC)
    var process = pid_t()
    guard posix_spawn(&process, arguments[0], &actions, nil, &words, &environment) == 0 else {
      throw Failure(description: "\(arguments[0]): cannot be started")
    }
    var status: CInt = 0
    var usage = rusage()
    while wait4(process, &status, 0, &usage) < 0, errno == EINTR {}
    milliseconds = now(CLOCK_MONOTONIC) - start
    guard status == 0 else {
      throw Failure(description: arguments.joined(separator: " ") + ": failed")
    }
    func value(_ time: timeval) -> Double { Double(time.tv_sec) * 1e3 + Double(time.tv_usec) / 1e3 }
    processorMilliseconds = value(usage.ru_utime) + value(usage.ru_stime)
    peakMebibytes = Double(usage.ru_maxrss) / 1024
  }
}
