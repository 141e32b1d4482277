import Images
import Serving

/// How the image of an answer is written, beside what the commands take.
enum AnswerOptions {
  static let names = [
    "format", "quality", "subsampling", "progressive", "lossless", "compression", "strip",
    "lenient",
  ]
  /// Those without a value.
  static let flags = ["progressive", "lossless", "lenient"]
}

extension Exchange {
  /// Answers with an image, row by row.
  ///
  /// - Parameters:
  ///   - reader: what it was made of.
  ///   - format: nil for that of what came.
  func answer(
    _ rows: any RowSource, of reader: ImageReader, _ format: ImageFormat?, _ writing: WriteOptions
  ) throws {
    var options = writing
    options.format = format ?? (reader.info.format.isWritable ? reader.info.format : .png)
    options.keep(reader)
    options.cancellation = cancellation
    let sink = AnswerSink(self, options.format.mediaType)
    try YieldingRows(rows, self, isLast: true).write(to: sink, options: options)
    try sink.finish()
  }
}

extension ImageFormat {
  /// What an answer that is such a file is called.
  var mediaType: MediaType {
    switch self {
    case .jpeg: .jpeg
    case .webp: .webp
    default: .png
    }
  }
}
