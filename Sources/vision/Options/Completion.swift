import ArgumentParser
import FoundationEssentials
import ModelFiles
import Models

extension CompletionKind {
  /// The models that ship, then model files.
  static var model: CompletionKind {
    .custom { _, _, typed in ModelCatalog().entries.map(\.name) + modelFiles(typed) }
  }

  /// Architectures, then what ``model`` offers.
  static var network: CompletionKind {
    .custom { _, _, typed in
      Models.all.map(\.name) + ModelCatalog().entries.map(\.name) + modelFiles(typed)
    }
  }

  /// The model files beside what was typed, and the folders that may hold some.
  private static func modelFiles(_ typed: String) -> [String] {
    let folder = typed.lastIndex(of: "/").map { String(typed[...$0]) } ?? ""
    let names = try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)
    return (names ?? []).sorted().filter { name in
      let isFolder = FileStatus(of: FilePath(argument: folder + name))?.kind == .directory
      let isNetwork = name.hasSuffix(".safetensors") || name.hasSuffix(".onnx")
      return !name.hasPrefix(".") && (isFolder || isNetwork)
    }.map { folder + $0 }
  }
}
