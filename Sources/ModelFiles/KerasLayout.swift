import Tensors

/// How Keras calls and lays its weights: paths with slashes (`block1_conv1/kernel`), kernels as height ×
/// width × in × out.
///
/// A file of them is what `safetensors.numpy.save_file({w.path: w.numpy() for w in model.weights}, path)`
/// writes.
enum KerasLayout {
  /// Whether a tensor is called as Keras calls it.
  static func isPath(_ name: String) -> Bool { name.contains("/") }

  /// A path as the layer's name and the part as PyTorch calls it: `block2_sepconv1.depthwise.weight`.
  static func canonical(_ path: String) -> String {
    // Older files end in the number of an output, and name a layer twice.
    let parts = path.prefix { $0 != ":" }.split(separator: "/")
    let part = parts.last.map(String.init) ?? path
    let layer = parts.count > 1 ? "\(parts[parts.count - 2])." : ""
    return layer + (Self.parts[part] ?? part)
  }

  private static let parts = [
    "kernel": "weight", "depthwise_kernel": "depthwise.weight",
    "pointwise_kernel": "pointwise.weight", "gamma": "weight", "beta": "bias",
    "moving_mean": "running_mean", "moving_variance": "running_var",
  ]

  /// The axes of a tensor in the order in which ours have them; nil where it is the same.
  private static func order(_ path: String, _ shape: Shape) -> [Int]? {
    guard isPath(path), shape.rank == 4 else { return nil }
    // A depthwise kernel has one for each channel, in × 1, which are the outputs of as many groups.
    return path.prefix { $0 != ":" }.hasSuffix("depthwise_kernel") ? [2, 3, 0, 1] : [3, 2, 0, 1]
  }

  static func shape(_ path: String, _ shape: Shape) -> Shape {
    order(path, shape).map { Shape($0.map { shape[$0] }) } ?? shape
  }

  static func tensor(_ path: String, _ tensor: Tensor) -> Tensor {
    guard let order = order(path, tensor.shape) else { return tensor }
    let (source, strides) = (tensor.shape, Self.strides(tensor.shape))
    let shape = Shape(order.map { source[$0] })
    return Tensor(shape) { target in
      tensor.withUnsafeBufferPointer { values in
        var place = 0
        for a in 0..<shape[0] {
          for b in 0..<shape[1] {
            for c in 0..<shape[2] {
              for d in 0..<shape[3] {
                // Each index stays below its extent, so the place is one of the tensor's.
                target[place] =
                  values[
                    a * strides[order[0]] + b * strides[order[1]] + c * strides[order[2]]
                      + d * strides[order[3]]]
                place += 1
              }
            }
          }
        }
      }
    }
  }

  private static func strides(_ shape: Shape) -> [Int] {
    [shape[1] * shape[2] * shape[3], shape[2] * shape[3], shape[3], 1]
  }
}
