import ArgumentParser
import Engine
import Filters
import Images

/// A command that lets a network work on images, one after the other.
protocol NetworkCommand: ParsableCommand {
  /// What is done to one image, and how the result is written.
  func work(_ options: PlanOptions, _ progress: TileProgress) throws -> NetworkWork
}

/// What a network does to an image.
struct NetworkWork {
  let front: any ImageFront
  /// What follows.
  let chain: FilterChain
  /// Nil for the input's.
  let format: ImageFormat?
  let writing: WriteOptions

  init(front: any ImageFront, chain: FilterChain, format: ImageFormat?, writing: WriteOptions) {
    self.front = front
    self.chain = chain
    self.format = format
    self.writing = writing
  }

  init(front: any ImageFront, chain: FilterChain, encoding: EncodingOptions) {
    var writing = encoding.writeOptions
    if encoding.quality == nil { writing.quality = NetworkResultOptions.quality }
    self.init(front: front, chain: chain, format: encoding.format, writing: writing)
  }
}
