// swift-tools-version: 6.0
import PackageDescription

// Coverage-guided fuzzing with libFuzzer, built and run by Tools/fuzz.sh (make fuzz). Two programs: the one
// for pictures is built in a fraction of the other's time.
let package = Package(
  name: "fuzzing",
  dependencies: [.package(name: "vision", path: "..")],
  targets: [
    .executableTarget(
      name: "fuzz-pictures", dependencies: [.product(name: "Filters", package: "vision")]),
    .executableTarget(
      name: "fuzz-models",
      dependencies: [
        .product(name: "Networks", package: "vision"),
        .product(name: "Training", package: "vision"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
