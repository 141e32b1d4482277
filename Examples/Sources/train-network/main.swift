// A network of two layers learns exclusive or.
import Engine
import Graphs
import Networks
import Tensors

let network = Network(input: [2]) {
  Dense(8, activation: .tanh)
  Dense(1, activation: .sigmoid)
}
let graph = Graph()
let built = try network.build(on: graph, batch: 4, mode: .training)
let targets = try graph.input("targets", built.logits.shape)
let loss = try Loss.binaryCrossEntropyFromLogits(built.logits, targets)
try Optimizer(.adam()).minimize(
  loss, parameters: built.parameters, learningRate: graph.constant(0.05))

let variables = VariableStore()
try variables.initialize(graph.variables, random: RandomSource(seed: 1))
let plan = try Plan(graph, outputs: [loss, built.output], variables: variables)
try plan.setInput(built.input, Tensor([4, 2], [0, 0, 0, 1, 1, 0, 1, 1]))
try plan.setInput(targets, Tensor([4, 1], [0, 1, 1, 0]))
for _ in 0..<300 { try plan.run() }
print("loss", try plan.output(loss).scalars[0])
print("0 0, 0 1, 1 0, 1 1:", try plan.output(built.output).scalars)
