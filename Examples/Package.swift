// swift-tools-version: 6.0
import PackageDescription

// Programs that use vision as a library. Elsewhere, the dependency is
// .package(url: "…/vision", from: "0.1.0").
let package = Package(
  name: "examples",
  dependencies: [.package(name: "vision", path: "..")],
  targets: [
    .executableTarget(
      name: "filter-image", dependencies: [.product(name: "Filters", package: "vision")]),
    .executableTarget(
      name: "classify-image", dependencies: [.product(name: "Inference", package: "vision")]),
    .executableTarget(
      name: "train-network", dependencies: [.product(name: "Networks", package: "vision")]),
    .executableTarget(
      name: "small-cnn",
      dependencies: [
        .product(name: "Images", package: "vision"), .product(name: "Networks", package: "vision"),
      ]),
    .executableTarget(
      name: "forecast-lstm", dependencies: [.product(name: "Networks", package: "vision")]),
  ],
  swiftLanguageModes: [.v6]
)
