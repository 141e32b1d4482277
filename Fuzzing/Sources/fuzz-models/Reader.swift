import Datasets
import Glibc
import ModelFiles
import Models
import Networks
import Tensors

/// What reads networks, their weights and data files.
enum Reader: String, CaseIterable {
  case safetensors, pytorch, onnx, network, idx, cifar, list

  func read(_ bytes: [UInt8]) {
    switch self {
    case .safetensors: readModel(bytes)
    case .pytorch: readPyTorch(bytes)
    case .onnx: readONNX(bytes)
    case .network: readNetwork(bytes)
    case .idx: readIDX(bytes)
    case .cifar: readCIFAR(bytes)
    case .list: readList(bytes)
    }
  }

  var seeds: [[UInt8]] {
    switch self {
    case .safetensors: models
    // The tests' fixtures, which Tools/fuzz.sh collects.
    case .pytorch: []
    case .onnx:
      [try? exportedNetwork()].compactMap { $0 }
        + (getenv("FUZZ_CASES").map { String(cString: $0) } ?? "").split(separator: ":")
        .flatMap { operatorCases(below: String($0)) }
    case .network:
      Models.all.compactMap { try? $0.network().json() }.map { Array($0.utf8) }
    case .idx:
      // Two labels, two pictures of two by two.
      [
        [0, 10] + [0, 0, 8, 1, 0, 0, 0, 2, 1, 0]
          + [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2] + Array(1...8)
      ]
    case .cifar:
      [[1] + [UInt8](repeating: 7, count: 3072), [1, 2] + [UInt8](repeating: 7, count: 3072)]
    case .list:
      [
        "a.png,cat;dog\nb.png,\n\"c.png\",\"x\"\"y|cat\"\n", "path,cat,dog\na.png,1,0\nb.png,0,0\n",
        "labels\tfile\ncat\ta.png\n\tb.png\n", "path,class\na.png,cat\nb.png,dog\n",
      ].map { Array($0.utf8) }
    }
  }

  private var models: [[UInt8]] {
    let network = Network(input: [2, 2, 1]) {
      Flatten()
      Dense(2)
    }
    guard let architecture = try? network.json() else { return [] }
    var tensors = TensorTable()
    tensors["dense1.weight"] = Tensor([2, 4], repeating: 1)
    tensors["dense1.bias"] = Tensor([2], [0, 1])
    let form = Preprocessing(width: 2, height: 2, channels: 1, mean: [0], std: [1])
    let card = ModelCard(name: "seed", classNames: ["a", "b"], preprocessing: form)
    let file = ModelFile(tensors: tensors, architecture: architecture, card: card)
    let path = "/dev/shm/vision-seed-\(getpid())"
    defer { unlink(path) }
    return StoredPrecision.allCases.compactMap { precision in
      guard (try? file.write(to: path, precision: precision)) != nil else { return nil }
      return contents(of: path)
    }
  }

  private func contents(of path: String) -> [UInt8]? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
    return bytes
  }
}
