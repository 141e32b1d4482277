import TestSupport
import Training

/// A folder for a training, which is gone with the value.
struct TemporaryRun {
  private let place = TestSupport.TemporaryFolder()
  let folder: RunFolder

  init() throws { folder = try RunFolder(path: place.path + "/deep/run") }

  func bytes(_ name: String) -> [UInt8] { contents(folder.file(name)) }
}
