import Images

/// Writes a figure: JPEG where the name says so, otherwise PNG.
func writeImage(_ image: Image, to path: FilePath) throws(RunError) {
  do throws(ImageError) {
    let file = try AtomicFile(pathBytes: path.bytes)
    try image.write(
      to: file,
      options: WriteOptions(
        format: ImageFormat(extensionOf: path) ?? .png, quality: 95, threads: processorCount))
    try file.commit()
  } catch { throw .stopped("\(path): \(error)") }
}
