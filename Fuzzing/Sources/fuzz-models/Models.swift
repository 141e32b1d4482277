import Inference
import ModelFiles
import Networks
import Training

/// A safetensors file: its tensors, its card, its network.
func readModel(_ bytes: [UInt8]) {
  Folder.shared.write(bytes, to: "model")
  let path = Folder.shared.path + "/model"
  if let file = try? Safetensors(path: path) {
    for entry in file.entries { _ = file[entry.name]?.count }
  }
  if let file = try? ModelFile(path: path) {
    _ = try? Network(json: file.architecture).summary()
  }
  _ = try? Checkpoint(path: path)
  _ = try? Classifier(path: path)
  _ = try? Generator(path: path)
}

/// A network's description in JSON.
func readNetwork(_ bytes: [UInt8]) {
  guard let network = try? Network(json: String(decoding: bytes, as: UTF8.self)) else { return }
  _ = try? network.summary()
  guard let text = try? network.json() else { return }
  precondition((try? Network(json: text).json()) == text, "another network")
}

/// A PyTorch file of either form: all of its tensors.
func readPyTorch(_ bytes: [UInt8]) {
  Folder.shared.write(bytes, to: "weights")
  guard let file = try? PyTorchFile(path: Folder.shared.path + "/weights") else { return }
  for entry in file.entries {
    guard let tensor = try? file.tensor(entry.name) else { continue }
    precondition(tensor.shape == entry.shape, "another shape than was said")
  }
}
