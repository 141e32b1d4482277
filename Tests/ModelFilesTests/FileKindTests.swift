import ModelFiles
import Tensors
import TestSupport
import Testing

/// Files are told by their bytes, and what is no model is named.
@Suite struct FileKindTests {
  let folder = TemporaryFolder()

  private func problem(_ bytes: [UInt8], name: String = "model.safetensors") -> String {
    let path = folder.write(bytes, to: name)
    do {
      _ = try WeightsFile(path: path)
      return ""
    } catch { return "\(error)" }
  }

  @Test(
    arguments: [
      ([0x89] + Array("HDF\r\n\u{1A}\n".utf8) + [UInt8](repeating: 0, count: 40), "HDF5"),
      ([0x1C, 0, 0, 0] + Array("TFL3".utf8) + [0, 0, 0], "TensorFlow Lite"),
      (
        Array("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 9\n".utf8),
        "git lfs pull"
      ),
      (Array("\n <!DOCTYPE html>\n<html><body>404</body></html>".utf8), "web page"),
      (Array("<html lang=\"en\">".utf8), "web page"),
      (Array("<?xml version=\"1.0\"?><net/>".utf8), "XML"),
      (Array("{\"a\": [1, 2]}".utf8), "JSON"), (Array("layer 1\n".utf8), "text"), ([], "empty"),
      ([0x93] + Array("NUMPY".utf8) + [1, 0], "NumPy"), ([0x1F, 0x8B, 8, 0, 0], "gzip"),
      ([0x89] + Array("PNG\r\n\u{1A}\n".utf8) + [0, 0, 0, 13], "PNG"),
      ([0x7F] + Array("ELF".utf8) + [2, 1], "program"),
    ] as [([UInt8], String)])
  func whatIsNoModelIsNamed(_ bytes: [UInt8], _ what: String) {
    for name in ["model.safetensors", "model.pt"] {
      let problem = problem(bytes, name: name)
      #expect(problem.contains(what) && !problem.contains("\n"), "\(problem)")
    }
  }

  /// A header as long as its first bytes make look like a pickle or an archive.
  @Test(arguments: [640, 896, 1152, 1408, 0x04_034B_50 & 0xFFFF])
  func headersThatLookLikePickles(_ length: Int) throws {
    let start = #"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#
    let header = start + String(repeating: " ", count: length - start.utf8.count - 1) + "}"
    let count = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    let numbers: [Float] = [1.5, -2]
    let bytes = count + Array(header.utf8) + numbers.withUnsafeBytes { Array($0) }
    let file = try WeightsFile(path: folder.write(bytes, to: "weights.pt"))
    #expect(try file.tensor("w") == Tensor([2], numbers))
  }
}
