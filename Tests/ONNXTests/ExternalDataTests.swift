import Foundation
import ONNX
import Tensors
import TestSupport
import Testing

/// Weights in files beside the network's.
@Suite struct ExternalDataTests {
  private let folder = TemporaryFolder()

  init() {
    for place in ["model/w.bin", "model/inner/w.bin", "outside.bin"] {
      write([9, 1, 2, 3, 4], to: place)
    }
  }

  private func write(_ values: [Float], to path: String) {
    folder.write(values.withUnsafeBytes { Array($0) }, to: path)
  }

  private func model(
    _ location: String, offset: Int? = 4, length: Int? = 16
  ) throws -> ONNXModel {
    var file = FileBuilder()
    file.input("x", [0, 2])
    file.externalWeight("w", [2, 2], in: location, offset: offset, length: length)
    file.node("MatMul", ["x", "w"], ["y"])
    file.output("y", [0, 2])
    return try ONNXModel(path: folder.write(file.bytes, to: "model/net.onnx"))
  }

  @Test(arguments: ["w.bin", "inner/w.bin", "./w.bin"])
  func weightsAreReadFromTheModelsFolder(_ location: String) throws {
    let x = Tensor([1, 2], [1, 10])
    #expect(try model(location).output(of: ["x": x]).scalars == [31, 42])
    // Without a length: up to the end.
    #expect(try model(location, length: nil).output(of: ["x": x]).scalars == [31, 42])
  }

  @Test func nothingIsReadOutsideOfTheFolder() throws {
    let outside = folder.path + "/outside.bin"
    for location in ["../outside.bin", "inner/../../outside.bin", outside, "/etc/hostname"] {
      #expect { try model(location) } throws: { "\($0)".contains("outside of the model's folder") }
    }
    for (name, target) in [("link.bin", outside), ("up", folder.path)] {
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder.path)/model/\(name)", withDestinationPath: target)
    }
    for location in ["link.bin", "up/outside.bin"] {
      #expect { try model(location) } throws: { "\($0)".contains("is a link") }
    }
  }

  @Test func wrongPlacesAreNamed() throws {
    #expect { try model("absent.bin") } throws: { "\($0)".contains("no such file") }
    #expect { try model("w.bin", offset: 8) } throws: { "\($0)".contains("cut short") }
    #expect { try model("w.bin", length: 12) } throws: { "\($0)".contains("as many elements") }
    #expect { try model("w.bin", offset: -4) } throws: { "\($0)".contains("offset -4") }
    #expect { try model("inner") } throws: { "\($0)".contains("lies in inner") }
    #expect { try model("") } throws: { "\($0)".contains("in which file") }
    write([], to: "model/w.bin")
    #expect { try model("w.bin") } throws: { "\($0)".contains("cut short") }
    // Bytes alone have no folder.
    var file = FileBuilder()
    file.externalWeight("w", [1], in: "w.bin")
    file.node("Identity", ["w"], ["y"])
    file.output("y", [1])
    #expect { try file.model() } throws: { "\($0)".contains("external data") }
  }
}
