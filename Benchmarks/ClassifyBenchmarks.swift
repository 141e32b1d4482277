import Datasets
import Glibc
import Graphs
import ModelFiles
import Models
import Networks
import Tensors

/// `vision classify` and `vision train` on files, whole commands, beside scripts that do the same with
/// onnxruntime and Pillow, and with Keras. Networks have random weights where only their size counts.
///
/// The pictures come from `render-samples --measurements`, the peers' networks from
/// `peers/export_onnx.py`, both through `Tools/bench.sh`.
func benchmarkClassification() throws {
  let vision = ".build/release/vision"
  let photos = ".build/bench/photos"
  let resNet = ".build/bench/resnet18.safetensors"
  if access(resNet, F_OK) != 0 { try writeResNet18(to: resNet) }
  /// None where ours is limited: nothing keeps onnxruntime from using all that the processor has.
  func peer(_ network: String, _ input: String) -> [Program] {
    guard getenv("VISION_CPU") == nil else { return [] }
    return [
      Program(
        peer: "onnxruntime, Pillow", "classify_onnxruntime.py",
        [".build/bench/\(network).onnx", input], nil)
    ]
  }
  let one = photos + "/10000.jpg"
  try compare(
    "whole command: classify one JPEG, \(objectsSize)",
    [Program("vision", [vision, "classify", one], nil)] + peer("objects", one), runs: 21)
  try compare(
    "whole command: classify one JPEG, ResNet-18 of 224 × 224",
    [Program("vision", [vision, "classify", one, "--model", resNet], nil)]
      + peer("resnet18", one), runs: 21)
  try compare(
    "whole command: classify 5,000 JPEGs of 224 × 224, ResNet-18",
    [Program("vision", [vision, "classify", photos, "--model", resNet], nil)]
      + peer("resnet18", photos), runs: 1)
  // A run folder that is there would be gone on with.
  let train =
    "rm -rf .build/bench/out/run && exec \(vision) train .build/bench/thumbnails "
    + "--out .build/bench/out/run --epochs 1 --validation 0 --model small-cnn --size 32 "
    + "--optimizer adam --batch 64 --augment flip,shift --ema-epochs 0 --no-flip-tta"
  // Tools/bench.sh lets peers/train_keras_folder.py report under the same name.
  try compare(
    "one epoch of the CIFAR tutorial CNN, 10,000 JPEGs of 32 × 32, mirrored and shifted",
    [Program("vision, whole command", ["/bin/sh", "-c", train], nil)], runs: 3)
}

private let objectsSize = "32 × 32, 2 million parameters"

/// A model file of ResNet-18 for 1,000 classes.
private func writeResNet18(to path: String) throws {
  let network = Models.ResNet.resNet18.network()
  let graph = Graph()
  _ = try network.build(on: graph, batch: 1, mode: .inference)
  var tensors = TensorTable()
  for variable in graph.variables {
    tensors[variable.name] = variable.initialValue(random: RandomSource(seed: 1))
  }
  let input = Preprocessing(
    width: 224, height: 224, channels: 3, mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225])
  let card = ModelCard(
    name: "resnet18", classNames: (0..<1000).map { "class \($0)" }, preprocessing: input)
  try ModelFile(tensors: tensors, architecture: network.json(), card: card).write(to: path)
}
