// swift-tools-version: 6.1
import PackageDescription

// SwiftPM refuses a dependency by version whose targets carry unsafe flags. Such a one lies in a
// folder of the importer's build: it gets the portable loops, while our own binary and packages
// that import this one by its path get all.
let isVersioned = ["/checkouts/", "/registry/downloads/"].contains { folder in
  Context.packageDirectory.contains(folder)
}

#if arch(x86_64)
  let wideLoops = !isVersioned
#else
  let wideLoops = false
#endif

/// The hot loops, compiled once more for a newer instruction set (Sources/LoopsV* are links).
func loops(_ name: String, march: String, vectorBits: Int, defines: String) -> Target {
  .target(
    name: name, dependencies: ["CProcessor", "LoopInterface"],
    swiftSettings: [
      .define(defines),
      .unsafeFlags(["-Xcc", "-march=\(march)", "-Xcc", "-mprefer-vector-width=\(vectorBits)"]),
    ])
}

let wideTargets: [Target] =
  wideLoops
  ? [
    loops("LoopsV3", march: "x86-64-v3", vectorBits: 256, defines: "AVX2"),
    loops("LoopsV4", march: "x86-64-v4", vectorBits: 512, defines: "AVX512"),
  ] : []
let wideDependencies: [Target.Dependency] = wideLoops ? ["LoopsV3", "LoopsV4"] : []
let wideSettings: [SwiftSetting] = wideLoops ? [.define("WIDE_LOOPS")] : []

let package = Package(
  name: "vision",
  products: [
    .executable(name: "vision", targets: ["vision"]),
    // Read, write, resize, filter and draw images.
    .library(name: "Images", targets: ["Files", "Images"]),
    .library(name: "Filters", targets: ["Filters", "Images"]),
    .library(name: "Figures", targets: ["Figures", "Images"]),
    // Declare networks and run them.
    .library(name: "Networks", targets: ["Tensors", "Graphs", "Networks", "Models", "Engine"]),
    // Load models and run them.
    .library(name: "Inference", targets: ["Inference", "ModelFiles", "ONNX", "Images"]),
    // Train classifiers and generators, and tasks of your own.
    .library(
      name: "Training",
      targets: [
        "Training", "Classification", "Generation", "Restoration", "Segmentation", "Forecasting",
        "Datasets", "Inference", "ModelFiles", "ONNX", "Images",
      ]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.6.0"),
    // Without its traits it needs no more than FoundationEssentials.
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
  ],
  targets: [
    // C only where Swift cannot go.
    .target(
      name: "CCodecs",
      linkerSettings: [.linkedLibrary("jpeg"), .linkedLibrary("isal"), .linkedLibrary("z")]),

    // The hot loops: signatures, one implementation per instruction set, and the choice.
    .target(name: "LoopInterface"),
    .target(name: "LoopsBaseline", dependencies: ["CProcessor", "LoopInterface"]),
    .target(name: "CProcessor"),
    .target(
      name: "Loops",
      dependencies: ["CProcessor", "LoopInterface", "LoopsBaseline"] + wideDependencies,
      swiftSettings: wideSettings),

    // The ground floor: files that appear whole, bytes, threads.
    .target(name: "Files", dependencies: ["CCodecs", "CProcessor"]),
    .testTarget(name: "FilesTests", dependencies: ["Files", "TestCases"]),

    .target(name: "Images", dependencies: ["CCodecs", "Files", "LoopInterface", "Loops"]),
    .target(name: "Filters", dependencies: ["Files", "Images", "LoopInterface", "Loops"]),
    // The one loop for everything that learns; it knows no task.
    .target(
      name: "Training",
      dependencies: [
        "Datasets", "Engine", "Figures", "Files", "Graphs", "Images", "Inference", "ModelFiles",
        "Networks", "Tensors",
      ]),
    // Tasks that are learned.
    .target(
      name: "Classification",
      dependencies: [
        "Datasets", "Engine", "Figures", "Files", "Graphs", "Images", "Inference", "ModelFiles",
        "Models", "Networks", "Tensors", "Training",
      ]),
    .target(
      name: "Generation",
      dependencies: [
        "Datasets", "Engine", "Figures", "Files", "Graphs", "Images", "Inference", "ModelFiles",
        "Models", "Networks", "Tensors", "Training",
      ]),
    .target(
      name: "Restoration",
      dependencies: [
        "Datasets", "Engine", "Files", "Graphs", "Images", "Inference", "ModelFiles", "Models",
        "Networks", "Tensors", "Training",
      ]),
    .target(
      name: "Segmentation",
      dependencies: [
        "Datasets", "Engine", "Figures", "Files", "Graphs", "Images", "Inference", "ModelFiles",
        "Models", "Networks", "Tensors", "Training",
      ]),
    .target(
      name: "Forecasting",
      dependencies: [
        "Datasets", "Engine", "Figures", "Images", "Inference", "ModelFiles", "Networks", "Tensors",
        "Training",
      ]),
    .testTarget(
      name: "ForecastingTests",
      dependencies: [
        "Forecasting", "Inference", "ModelFiles", "Networks", "TestSupport", "Training",
      ]),
    // Loaded models and what they answer, without learning.
    .target(
      name: "Inference",
      dependencies: [
        "Datasets", "Engine", "Files", "Graphs", "Images", "ModelFiles", "Models", "Networks",
        "ONNX", "Tensors",
      ]),
    .testTarget(
      name: "InferenceTests",
      dependencies: [
        "Datasets", "Engine", "Graphs", "Images", "Inference", "ModelFiles", "Models", "Networks",
        "Tensors", "TestCases", "TestSupport",
      ]),
    // Figures: charts, matrices and contact sheets as images.
    .systemLibrary(name: "CCairo", providers: [.apt(["libcairo2-dev"])]),
    .target(name: "Figures", dependencies: ["CCairo", "Files", "Images"]),
    .testTarget(name: "FiguresTests", dependencies: ["Figures", "Files"]),

    // Images in folders and files, and the batches made of them; the files that models live in.
    .target(name: "Datasets", dependencies: ["Files", "Images", "ModelFiles", "Tensors"]),
    .testTarget(
      name: "DatasetsTests",
      dependencies: ["Datasets", "Files", "Images", "ModelFiles", "Tensors", "TestSupport"],
      exclude: ["Fixtures"]),
    .target(name: "ModelFiles", dependencies: ["Files", "Tensors"]),
    .testTarget(
      name: "ModelFilesTests",
      dependencies: ["ModelFiles", "Tensors", "TestCases", "TestSupport"], exclude: ["Fixtures"]),

    // Networks from elsewhere: ONNX files become graphs, graphs become ONNX files.
    .target(
      name: "ONNX",
      dependencies: [
        "Files", "Graphs", "ModelFiles", "Networks", "Tensors",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      exclude: ["Messages/onnx.proto"]),
    .testTarget(
      name: "ONNXTests",
      dependencies: [
        "Datasets", "Engine", "Graphs", "Images", "ModelFiles", "Networks", "ONNX", "Tensors",
        "TestCases", "TestSupport",
      ], exclude: ["Fixtures"]),

    // Networks: values, the graph of operations and its gradients.
    .target(name: "Tensors"),
    .target(name: "Graphs", dependencies: ["Tensors"]),
    .target(name: "Networks", dependencies: ["Files", "Graphs", "Tensors"]),
    .target(name: "Models", dependencies: ["Networks", "Tensors"]),

    // Networks: graphs made into plans on oneDNN and our own loops.
    .systemLibrary(name: "CDNNL"),
    .target(
      name: "Engine",
      dependencies: ["CDNNL", "Files", "Graphs", "Loops", "LoopInterface", "Tensors"]),

    .systemLibrary(name: "CLinux"),
    // An HTTP server with limits, a queue and jobs; it knows no task.
    .target(
      name: "Serving",
      dependencies: [
        "CLinux", "Files",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ]),
    .testTarget(name: "ServingTests", dependencies: ["Files", "Serving"]),
    // The page of `vision serve`, embedded by the compiler.
    .target(name: "CPage", exclude: ["page"]),

    .executableTarget(
      name: "vision",
      dependencies: [
        "CLinux", "CPage", "Classification", "Datasets", "Engine", "Figures", "Files", "Filters",
        "Forecasting", "Generation", "Graphs", "Images", "Inference", "Loops", "ModelFiles",
        "Models", "Networks", "ONNX", "Restoration", "Segmentation", "Serving", "Tensors",
        "Training",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // The program that draws samples/.
    .executableTarget(name: "render-samples", dependencies: ["Figures", "Filters", "Images"]),

    .testTarget(
      name: "CommandTests",
      dependencies: [
        "vision", "Images", "Filters", "Loops", "ModelFiles", "Models", "Networks", "Tensors",
        "TestSupport",
      ]),
    .testTarget(name: "FaultTests", dependencies: ["vision", "Images"]),
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "Datasets", "Engine", "Filters", "Generation", "Graphs", "Images", "Inference",
        "ModelFiles", "Models", "Networks", "Tensors", "Training",
      ],
      path: "Benchmarks",
      exclude: ["peers"]),

    .testTarget(
      name: "FiltersTests", dependencies: ["Files", "Filters", "Images", "Loops"],
      exclude: ["Fixtures"]),
    // Finds and unpacks the conformance cases.
    .target(name: "TestCases", path: "Tests/TestCases"),
    .testTarget(
      name: "ImagesTests", dependencies: ["Files", "Images", "TestCases"], exclude: ["Fixtures"]),
    .testTarget(name: "LoopsTests", dependencies: ["Loops", "LoopInterface"]),
    .testTarget(
      name: "NetworksTests", dependencies: ["Graphs", "Networks", "Tensors", "TestSupport"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "ModelsTests", dependencies: ["Engine", "Graphs", "Models", "Networks", "Tensors"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "EngineTests",
      dependencies: ["Engine", "Files", "Graphs", "Loops", "Tensors", "TestSupport"]),
    .target(
      name: "TestSupport",
      dependencies: [
        "Datasets", "Graphs", "Images", "ModelFiles", "Networks", "Tensors", "Training",
      ],
      path: "Tests/TestSupport"),
    .testTarget(name: "TensorsTests", dependencies: ["Tensors"]),
    // The code of Documentation/, word for word.
    .testTarget(
      name: "DocumentationTests",
      dependencies: [
        "Classification", "Datasets", "Engine", "Figures", "Files", "Filters", "Forecasting",
        "Generation", "Graphs", "Images", "Inference", "ModelFiles", "Models", "Networks",
        "Restoration", "Segmentation", "Tensors", "TestSupport", "Training",
      ]),
    .testTarget(
      name: "GraphsTests", dependencies: ["Graphs", "Tensors", "TestSupport"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Classification", "Datasets", "Engine", "Forecasting", "Generation", "Graphs", "Images",
        "Inference", "ModelFiles", "Models", "Networks", "Restoration", "Segmentation", "Tensors",
        "TestSupport", "Training",
      ]),
    .testTarget(
      name: "ClassificationTests",
      dependencies: [
        "Classification", "Datasets", "Engine", "Images", "Inference", "ModelFiles", "Networks",
        "Tensors", "TestSupport", "Training",
      ], exclude: ["Fixtures"]),
    .testTarget(
      name: "RestorationTests",
      dependencies: [
        "Datasets", "Images", "Inference", "ModelFiles", "Models", "Networks", "Restoration",
        "Tensors", "TestSupport", "Training",
      ]),
    .testTarget(
      name: "SegmentationTests",
      dependencies: [
        "Datasets", "Engine", "Graphs", "Images", "Inference", "ModelFiles", "Networks",
        "Segmentation", "Tensors", "TestSupport", "Training",
      ]),
    .testTarget(
      name: "GenerationTests",
      dependencies: [
        "Datasets", "Generation", "Images", "Inference", "ModelFiles", "Networks", "Tensors",
        "TestSupport", "Training",
      ]),
  ] + wideTargets,
  swiftLanguageModes: [.v6]
)
