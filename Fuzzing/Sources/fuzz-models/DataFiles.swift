import Datasets
import Glibc

/// IDX files: the first two bytes say where the labels end and the pictures begin.
func readIDX(_ bytes: [UInt8]) {
  guard bytes.count >= 2 else { return }
  let rest = bytes.dropFirst(2)
  let place = (Int(bytes[0]) << 8 | Int(bytes[1])) % (rest.count + 1)
  Folder.shared.write(Array(rest.prefix(place)), to: "train-labels-idx1-ubyte")
  Folder.shared.write(Array(rest.dropFirst(place)), to: "train-images-idx3-ubyte")
  readFolder()
}

/// A batch of CIFAR-10 or CIFAR-100 beside the list of its classes.
func readCIFAR(_ bytes: [UInt8]) {
  Folder.shared.write(bytes, to: "data_batch_1.bin")
  Folder.shared.write(Array(bytes.prefix(200)), to: "batches.meta.txt")
  readFolder()
}

/// A list of images, of one class or of several labels each; three of the names it may hold are there.
func readList(_ bytes: [UInt8]) {
  for name in ["a.png", "b.png", "c.png"] { Folder.shared.write([], to: name) }
  Folder.shared.write(bytes, to: "list.csv")
  for isMultiLabel in [false, true] {
    let parts = try? DatasetSplits(
      path: Folder.shared.path + "/list.csv", fewestClasses: 1, isMultiLabel: isMultiLabel)
    _ = try? parts?.training.split()
  }
}

private func readFolder() {
  guard let parts = try? DatasetSplits(path: Folder.shared.path) else { return }
  let data = parts.training
  for index in 0..<min(data.count, 4) { _ = try? data.image(at: index) }
  _ = try? data.split()
}

/// A folder in memory, of the process.
final class Folder {
  nonisolated(unsafe) static let shared = Folder()
  let path: String

  private init() {
    var template = Array("/dev/shm/vision-fuzz-XXXXXX".utf8CString)
    precondition(mkdtemp(&template) != nil)
    path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  func write(_ bytes: [UInt8], to name: String) {
    let file = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    precondition(file >= 0 && Glibc.write(file, bytes, bytes.count) == bytes.count)
    close(file)
  }
}
