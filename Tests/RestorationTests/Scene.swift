import Datasets
import Images
import ModelFiles
import Models
import Networks
import Restoration
import Tensors
import TestSupport

/// A smooth image with edges, in color.
func scene(
  _ width: Int, _ height: Int, seed: Int = 0, channels: Int = 3, sample: SampleType = .uint8
) -> Image {
  var image = Image(
    layout: PixelLayout(width: width, height: height, channels: channels, sample: sample))
  func value(_ x: Int, _ y: Int, _ channel: Int) -> Int {
    let isInside = (x + seed * 7) / 9 % 2 == (y + channel * 3) / 11 % 2
    return min(255, (isInside ? 60 : 170) + (x * (channel + 1) + y * 2 + seed * 13) % 80)
  }
  image.withUnsafeMutableBytes { bytes in
    for y in 0..<height {
      for x in 0..<width {
        for channel in 0..<channels {
          let place = (y * width + x) * channels + channel
          switch sample {
          case .uint8: bytes[place] = UInt8(value(x, y, channel))
          case .uint16:
            bytes.storeBytes(
              of: UInt16(value(x, y, channel) * 257), toByteOffset: 2 * place, as: UInt16.self)
          case .float32: break
          }
        }
      }
    }
  }
  return image
}

func dataset(_ images: [Image]) -> Dataset {
  Dataset(
    classNames: [""], labels: images.map { _ in 0 }, names: images.indices.map { "image \($0)" },
    source: .memory(images))
}

/// The path of an upscaler that adds nothing to bicubic interpolation, or what an untrained one adds.
func writeUpscaler(
  scale: Int, addsNothing: Bool = true, in folder: TemporaryFolder,
  metadata: [String: String]? = nil
) throws -> String {
  let network = try Models.upscaler(scale: scale, channels: 8, blocks: 1)
  var tensors = TensorTable()
  for variable in try network.build(on: .init(), batch: 1, mode: .inference).input.graph.variables {
    tensors[variable.name] =
      addsNothing ? .zeros(variable.shape) : variable.initialValue(random: RandomSource(seed: 2))
  }
  var file = ModelFile(
    tensors: tensors, architecture: try network.json(), card: ModelCard(name: "x\(scale)"),
    otherMetadata: metadata ?? ["restoration": "upscaling", "scale": "\(scale)", "reach": "4"])
  file.task = .restoration
  let path = folder.path + "/x\(scale).safetensors"
  try file.write(to: path)
  return path
}

/// The path of a denoiser that changes nothing, or what an untrained one changes.
func writeDenoiser(
  colors: Int, kind: String = "denoising", changesNothing: Bool = true,
  in folder: TemporaryFolder
) throws -> String {
  let network = try Models.denoiser(colors: colors, channels: 8, blocks: 0)
  var tensors = TensorTable()
  for variable in try network.build(on: .init(), batch: 1, mode: .inference).input.graph.variables {
    tensors[variable.name] =
      changesNothing ? .zeros(variable.shape) : variable.initialValue(random: RandomSource(seed: 2))
  }
  let path = folder.path + "/\(kind)-\(colors).safetensors"
  try ModelFile(
    tensors: tensors, architecture: try network.json(), card: ModelCard(name: "denoiser"),
    task: .restoration,
    otherMetadata: [
      "restoration": kind, "scale": "1", "reach": "\(Models.denoiserReach(blocks: 0))",
    ]
  ).write(to: path)
  return path
}

/// The path of a classifier whose only feature is red − ½.
func writeClassifier(in folder: TemporaryFolder) throws -> String {
  let network = Network(input: [32, 32, 3]) {
    Conv2D(1, 1)
    GlobalAveragePool()
    Dense(2)
  }
  var tensors = TensorTable()
  for variable in try network.variables() { tensors[variable.name] = .zeros(variable.shape) }
  tensors["conv1.weight"] = Tensor([1, 3, 1, 1], [1, 0, 0])
  var file = ModelFile(
    tensors: tensors, architecture: try network.json(),
    card: ModelCard(
      name: "red", classNames: ["a", "b"],
      preprocessing: Preprocessing(
        width: 32, height: 32, channels: 3, mean: [0.5, 0.5, 0.5], std: [1, 1, 1])))
  file.task = .classification
  let path = folder.path + "/red.safetensors"
  try file.write(to: path)
  return path
}
