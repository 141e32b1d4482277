// The small CNN of textbooks on digits of 28 × 28 pixels: small-cnn FOLDER, with images named 3.png,
// 3-large.png, …
import Engine
import Glibc
import Graphs
import Images
import Networks
import Tensors

let network = Network(input: [28, 28, 1]) {
  Conv2D(32, 3, activation: .relu)
  MaxPool2D(2)
  Conv2D(64, 3, activation: .relu)
  MaxPool2D(2)
  Conv2D(64, 3, activation: .relu)
  Flatten()
  Dense(64, activation: .relu)
  Dense(10, activation: .softmax)
}
print(try network.summary().table)

let folder = CommandLine.arguments.dropFirst().first ?? "samples/digits"
let names = (0...9).flatMap { ["\($0).png", "\($0)-large.png"] }
var (pixels, classes): ([Float], [Float]) = ([], [])
for (place, name) in names.enumerated() {
  let digit = try Image(path: "\(folder)/\(name)").resized(width: 28, height: 28, .area)
  pixels += digit.withUnsafeBytes { $0.prefix(28 * 28).map { Float($0) / 255 } }
  classes += (0...9).map { $0 == place / 2 ? 1 : 0 }
}

let graph = Graph()
let built = try network.build(on: graph, batch: names.count, mode: .training)
let targets = try graph.input("targets", built.logits.shape)
let loss = try Loss.crossEntropy()(built.logits, targets)
try Optimizer(.rmsProp()).minimize(
  loss, parameters: built.parameters, learningRate: graph.constant(0.001))
let variables = VariableStore()
try variables.initialize(graph.variables, random: RandomSource(seed: 1))
let plan = try Plan(graph, outputs: [loss], variables: variables)
try plan.setInput(built.input, Tensor([names.count, 1, 28, 28], pixels))
try plan.setInput(targets, Tensor([names.count, 10], classes))
for epoch in 1...40 {
  try plan.run()
  if epoch % 10 == 0 { print("epoch", epoch, "loss", try plan.output(loss).scalars[0]) }
}
