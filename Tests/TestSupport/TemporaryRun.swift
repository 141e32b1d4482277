import Training

/// A folder for a training, which is gone with the value.
public struct TemporaryRun: Sendable {
  private let place = TemporaryFolder()
  public let folder: RunFolder

  public init() throws { folder = try RunFolder(path: place.path + "/deep/run") }

  public func bytes(_ name: String) -> [UInt8] { contents(folder.file(name)) }
}
