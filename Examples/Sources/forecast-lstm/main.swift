// Two LSTMs see sixty values of a wave and say the next one; how well, beside the last value repeated.
import Engine
import Glibc
import Graphs
import Networks
import Tensors

let network = Network(input: [60, 1]) {
  LSTM(256, returnsSequences: true)
  Dropout(0.2)
  LSTM(256)
  Dropout(0.2)
  Dense(64)
  Dense(1)
}
print(try network.summary().table)

let wave = (0..<600).map { Float(sin(Double($0) / 7) + 0.3 * sin(Double($0) / 3)) }
let starts = (0..<32).map { $0 * 15 }
let (windows, next) = (starts.flatMap { wave[$0..<$0 + 60] }, starts.map { wave[$0 + 60] })

let graph = Graph()
let built = try network.build(on: graph, batch: 32, mode: .training)
let targets = try graph.input("targets", built.output.shape)
let loss = try Loss.meanSquaredError(built.output, targets)
try Optimizer(.adam(), clipping: .norm(1)).minimize(
  loss, parameters: built.parameters, learningRate: graph.constant(0.001))
let variables = VariableStore()
try variables.initialize(graph.variables, random: RandomSource(seed: 1))
let plan = try Plan(
  graph, outputs: [loss], variables: variables, random: RandomSource(seed: 2))
try plan.setInput(built.input, Tensor([32, 1, 60], windows))
try plan.setInput(targets, Tensor([32, 1], next))
for _ in 0..<60 { try plan.run() }
let repeated = starts.reduce(Float(0)) {
  $0 + (wave[$1 + 60] - wave[$1 + 59]) * (wave[$1 + 60] - wave[$1 + 59])
}
print("mean square error", try plan.output(loss).scalars[0], "last value repeated", repeated / 32)
