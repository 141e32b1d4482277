import Graphs
import LoopInterface
import Tensors

extension OptimizerUpdate: Lowerable {
  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    try UpdateGroup(rule: rule, members: [instruction]).lower(instruction, in: lowering)
  }
}

/// The updates of several parameters by one rule, in one sweep over all of them on all threads.
struct UpdateGroup: Lowerable {
  let rule: OptimizerRule
  let members: [Program.Instruction]

  var name: String { "OptimizerUpdate" }

  /// One parameter's buffers.
  private struct Member {
    let parameter: BufferID
    let gradient: BufferID
    let states: [BufferID]
    let count: Int
  }

  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let rate = try lowering.plain(members[0].inputs[2])
    let step = rule.countsSteps ? try lowering.plain(members[0].inputs[3]) : nil
    let leading = rule.countsSteps ? 4 : 3
    var placed: [Member] = []
    for member in members {
      placed.append(try place(member, leading: leading, in: lowering))
    }
    let writes = placed.flatMap { [$0.parameter] + $0.states }
    let reads = placed.flatMap { [$0.gradient] + [$0.parameter] + $0.states } + [rate]
    let (threads, loops) = (lowering.threads, lowering.loops.update)
    let rule = rule
    lowering.emit(name, reads: reads + (step.map { [$0] } ?? []), writes: writes) { addresses in
      let runs = placed.map { member in
        UpdateRun(
          parameter: addresses.floats(member.parameter),
          gradient: UnsafePointer(addresses.floats(member.gradient)),
          states: member.states.map { addresses.floats($0) }, count: member.count)
      }
      let (eta, time) = (addresses.floats(rate), step.map { addresses.floats($0) })
      let total = runs.map(\.count).reduce(0, +)
      return ParallelStep(threads: total < 8192 ? 1 : threads) { part, parts in
        let arithmetic = UpdateArithmetic(rule, rate: eta[0], step: time?[0] ?? 0)
        let range = share(total, part: part, parts: parts, grain: 64)
        var begin = 0
        for run in runs {
          let from = max(range.lowerBound, begin)
          let to = min(range.upperBound, begin + run.count)
          if from < to { arithmetic.update(run, from - begin..<to - begin, loops) }
          begin += run.count
        }
      }
    }
  }

  /// Gradient and states in the parameter's order; results take the places of what they replace
  /// where these are the variables they are assigned to.
  private func place(
    _ member: Program.Instruction, leading: Int, in lowering: Lowering
  ) throws(EngineError) -> Member {
    let form = try lowering.form(of: member.inputs[0])
    let gradient = try lowering.operand(member.inputs[1], in: form)
    var targets: [BufferID] = []
    for (input, output) in zip([member.inputs[0]] + member.inputs[leading...], member.outputs) {
      targets.append(try lowering.updated(input, into: output, form))
    }
    let count = try form.byteCount(lowering.shape(member.inputs[0])) / 4
    return Member(
      parameter: targets[0], gradient: gradient, states: Array(targets.dropFirst()), count: count)
  }
}

extension Lowering {
  /// The buffer in which a value is changed in place: the variable's own where the result is
  /// assigned to it, else a copy.
  fileprivate func updated(
    _ input: ValueID, into output: ValueID, _ form: Form
  ) throws(EngineError) -> BufferID {
    let source = try operand(input, in: form)
    let isAssigned = program.assignments.contains { $0.variable == input && $0.value == output }
    if isAssigned, try self.form(of: input) == form {
      defineInVariable(output, form, source)
      return source
    }
    return define(output, form, copied(source))
  }
}

/// One parameter in memory.
private struct UpdateRun {
  let parameter: UnsafeMutablePointer<Float>
  let gradient: UnsafePointer<Float>
  let states: [UnsafeMutablePointer<Float>]
  let count: Int
}

/// A rule with the numbers of this step.
private struct UpdateArithmetic {
  private let rule: OptimizerRule
  private let rate: Float
  private let adam: AdamConstants?

  init(_ rule: OptimizerRule, rate: Float, step: Float) {
    self.rule = rule
    self.rate = rate
    if case .adam(let beta1, let beta2, let epsilon, let decay, let decouples) = rule {
      adam = AdamConstants(
        beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: decouples ? 0 : decay,
        shrink: decouples ? 1 - rate * decay : 1,
        stepSize: Float(Double(rate) / (1 - power(beta1, step))),
        squareScale: Float(1 / (1 - power(beta2, step)).squareRoot()))
    } else {
      adam = nil
    }
  }

  // The ranges lie within the runs, whose states are as long as the parameter.
  func update(_ run: UpdateRun, _ range: Range<Int>, _ loops: UpdateLoops) {
    let (p, g, count) = (
      run.parameter + range.lowerBound, run.gradient + range.lowerBound, range.count
    )
    func state(_ index: Int) -> UnsafeMutablePointer<Float> { run.states[index] + range.lowerBound }
    switch rule {
    case .sgd(let momentum, let nesterov, let decay):
      if run.states.isEmpty {
        loops.sgd(p, g, count, rate, decay)
      } else {
        loops.momentum(p, g, state(0), count, rate, momentum, nesterov, decay)
      }
    case .adam:
      if let adam { loops.adam(p, g, state(0), state(1), count, adam) }
    case .rmsProp(let smoothing, let epsilon, let momentum, let decay):
      loops.rmsProp(
        p, g, state(0), run.states.count > 1 ? state(1) : nil, count, rate, smoothing, epsilon,
        momentum, decay)
    case .adagrad(let epsilon, let decay):
      loops.adagrad(p, g, state(0), count, rate, epsilon, decay)
    case .adadelta(let smoothing, let epsilon, let decay):
      loops.adadelta(p, g, state(0), state(1), count, rate, smoothing, epsilon, decay)
    }
  }
}

/// xⁿ for a whole n ≥ 0, in double precision, as bias corrections need it.
private func power(_ base: Float, _ exponent: Float) -> Double {
  var (result, factor) = (1.0, Double(base))
  var rest = Int(max(0, min(exponent, 1e9)))
  while rest > 0 {
    if rest & 1 == 1 { result *= factor }
    factor *= factor
    rest >>= 1
  }
  return result
}
