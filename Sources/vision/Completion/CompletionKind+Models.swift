import ArgumentParser
import ModelFiles
import Models

extension CompletionKind {
  /// Bundled models and model files.
  static var model: CompletionKind { .list(bundled + ModelFilePattern.all) }

  /// Architectures, bundled models and model files.
  static var network: CompletionKind {
    .list(Models.all.map(\.name) + bundled + ModelFilePattern.all)
  }

  private static var bundled: [String] { ModelCatalog().entries.map(\.name) }
}

/// Values of a completion list that stand for files: the shells offer the files that match.
enum ModelFilePattern {
  static let all = ["*.safetensors", "*.onnx"]
}
