import Filters
import Images

/// A kernel as text or JSON, applied where there is one.
func readKernel(_ bytes: [UInt8]) {
  guard let kernel = try? Kernel(file: bytes) else { return }
  if kernel.weights.count < 400 { apply([FilterStep(kernel: kernel)]) }
  // What is written can be read again.
  guard kernel.rows.joined().allSatisfy({ ($0 * kernel.scale).isFinite }) else { return }
  precondition((try? Kernel(file: Array(kernel.json.utf8))) != nil, "cannot be read again")
}

/// The arguments of `vision filter`, one a line, applied where they are a chain.
func readOptions(_ bytes: [UInt8]) {
  let text = String(decoding: bytes, as: UTF8.self)
  let arguments = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  guard let chain = try? ChainArguments(arguments) else { return }
  let steps = chain.steps.prefix(4).map { step in
    try? FilterStep(step.filter, step.argument, step.options, modifiers: step.modifiers)
  }
  apply(steps.compactMap { $0 })
}

/// Applies the steps to a small picture, whole and row by row: the same has to come out.
private func apply(_ steps: [FilterStep]) {
  let chain = FilterChain(steps)
  guard let layout = try? chain.outputLayout(for: picture.layout), layout.byteCount < 1 << 20,
    let whole = try? chain.apply(to: picture, threads: 2)
  else { return }
  precondition(whole.layout == layout, "another layout than was said")
  guard let png = try? picture.encoded(), let reader = try? ImageReader(bytes: png),
    let rows = try? chain.source(over: reader), let streamed = try? Image(reading: rows)
  else { return }
  precondition(streamed == whole, "rows give other pixels")
}

private let picture: Image = {
  var image = Image(layout: PixelLayout(width: 9, height: 7, channels: 4))
  image.withUnsafeMutableBytes { bytes in
    for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: index &* 37) }
  }
  return image
}()
