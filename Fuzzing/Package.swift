// swift-tools-version: 6.0
import PackageDescription

// Coverage-guided fuzzing with libFuzzer, built and run by Tools/fuzz.sh (make fuzz). Several programs: those
// for pictures and requests are built in a fraction of the other's time.
let package = Package(
  name: "fuzzing",
  dependencies: [.package(name: "vision", path: "..")],
  targets: [
    .executableTarget(
      name: "fuzz-pictures", dependencies: [.product(name: "Filters", package: "vision")]),
    // What a server looks at before anything else.
    .executableTarget(name: "fuzz-requests"),
    .executableTarget(
      name: "fuzz-models",
      dependencies: [
        .product(name: "Networks", package: "vision"),
        .product(name: "Training", package: "vision"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
