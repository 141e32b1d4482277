import Graphs
import LoopInterface
import Tensors

/// Element-wise operations done together, tile by tile: what lies between them never reaches
/// memory.
struct FusedElementwise: Lowerable {
  /// What a step reads.
  enum Operand: Hashable {
    /// One of the instruction's inputs.
    case input(Int)
    /// The result of an earlier step.
    case step(Int)
    case number(Float)
  }

  struct Step: Hashable {
    var operation: TileOperation
    var operands: [Operand]
    var p: Float = 0
    var q: Float = 0
  }

  /// The shape that everything is computed over.
  var shape: Shape
  /// Each input's extents aligned to `shape`: 1 where it is repeated.
  var views: [Shape]
  var steps: [Step]
  /// The steps whose results are the instruction's outputs.
  var results: [Int]

  var name: String {
    steps.count == 1 ? "\(steps[0].operation)" : "\(steps.count) fused"
  }
}

/// An operation whose outputs depend on one element of each input, broadcast.
protocol ElementwiseOperation: Lowerable {
  /// The one step that it is, over inputs in order.
  var step: FusedElementwise.Step { get }

  /// The operation over inputs of given shapes as one step.
  func fused(inputs: [Shape], output: Shape) -> FusedElementwise
}

extension ElementwiseOperation {
  func fused(inputs: [Shape], output: Shape) -> FusedElementwise {
    FusedElementwise(
      shape: output, views: inputs.map { FusedElementwise.view($0, in: output) }, steps: [step],
      results: [0])
  }

  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let fused = fused(
      inputs: instruction.inputs.map { lowering.shape($0) },
      output: lowering.shape(instruction.outputs[0]))
    try fused.lower(instruction, in: lowering)
  }
}

extension FusedElementwise {
  /// A shape aligned at the last axis of a larger one.
  static func view(_ shape: Shape, in whole: Shape) -> Shape {
    Shape([Int](repeating: 1, count: whole.rank - shape.rank) + shape.dimensions)
  }
}

// MARK: - The graph's element-wise operations

extension Unary: ElementwiseOperation {
  var step: FusedElementwise.Step {
    let x = [FusedElementwise.Operand.input(0)]
    return switch kind {
    case .negate: .init(operation: .negate, operands: x)
    case .exp: .init(operation: .exp, operands: x)
    case .log: .init(operation: .log, operands: x)
    case .reciprocal: .init(operation: .reciprocal, operands: x)
    case .abs: .init(operation: .absolute, operands: x)
    case .square: .init(operation: .square, operands: x)
    case .sin: .init(operation: .sin, operands: x)
    case .cos: .init(operation: .cos, operands: x)
    case .sqrt: .init(operation: .sqrt, operands: x)
    case .erf: .init(operation: .erf, operands: x)
    case .sign: .init(operation: .sign, operands: x)
    case .step: .init(operation: .step, operands: x)
    case .floor: .init(operation: .floor, operands: x)
    case .ceil: .init(operation: .ceil, operands: x)
    case .round: .init(operation: .round, operands: x)
    case .tanh: .init(operation: .tanh, operands: x)
    case .sigmoid: .init(operation: .sigmoid, operands: x)
    case .hardSigmoid(let slope, let offset):
      .init(operation: .hardSigmoid, operands: x, p: slope, q: offset)
    case .relu: .init(operation: .relu, operands: x)
    case .leakyReLU(let slope): .init(operation: .leakyReLU, operands: x, p: slope)
    case .elu(let alpha): .init(operation: .elu, operands: x, p: alpha)
    case .gelu: .init(operation: .gelu, operands: x)
    case .swish: .init(operation: .swish, operands: x)
    case .softplus: .init(operation: .softplus, operands: x)
    case .clip(let minimum, let maximum):
      .init(operation: .clip, operands: x, p: minimum, q: maximum)
    case .rounded(to: .float16): .init(operation: .roundToFloat16, operands: x)
    case .rounded(to: .bfloat16): .init(operation: .roundToBFloat16, operands: x)
    }
  }
}

extension Binary: ElementwiseOperation {
  var step: FusedElementwise.Step {
    let operation: TileOperation =
      switch kind {
      case .add: .add
      case .subtract: .subtract
      case .multiply: .multiply
      case .divide: .divide
      case .maximum: .maximum
      case .minimum: .minimum
      case .power: .power
      case .equal: .equal
      case .greater: .greater
      case .greaterOrEqual: .greaterEqual
      case .less: .less
      case .lessOrEqual: .lessEqual
      }
    return .init(operation: operation, operands: [.input(0), .input(1)])
  }
}

extension ActivationGradient: ElementwiseOperation {
  var step: FusedElementwise.Step {
    let operands = [FusedElementwise.Operand.input(0), .input(1)]
    return switch kind {
    case .leakyReLU(let slope): .init(operation: .leakyReLUGradient, operands: operands, p: slope)
    case .elu(let alpha): .init(operation: .eluGradient, operands: operands, p: alpha)
    case .tanh: .init(operation: .tanhGradient, operands: operands)
    case .sigmoid: .init(operation: .sigmoidGradient, operands: operands)
    case .hardSigmoid(let slope, _):
      .init(operation: .hardSigmoidGradient, operands: operands, p: slope)
    case .clip(let minimum, let maximum):
      .init(operation: .clipGradient, operands: operands, p: minimum, q: maximum)
    case .gelu: .init(operation: .geluGradient, operands: operands)
    case .swish: .init(operation: .swishGradient, operands: operands)
    case .softplus: .init(operation: .softplusGradient, operands: operands)
    // The graph lets no other activation pass.
    default: .init(operation: .reluGradient, operands: operands)
    }
  }
}

extension Select: ElementwiseOperation {
  var step: FusedElementwise.Step {
    .init(operation: .select, operands: [.input(0), .input(1), .input(2)])
  }
}

extension Broadcast: ElementwiseOperation {
  var step: FusedElementwise.Step { .init(operation: .copy, operands: [.input(0)]) }
}

extension BiasAdd: ElementwiseOperation {
  var step: FusedElementwise.Step { .init(operation: .add, operands: [.input(0), .input(1)]) }

  func fused(inputs: [Shape], output: Shape) -> FusedElementwise {
    // The bias lies along the second axis, not the last.
    let bias = Shape(output.dimensions.indices.map { $0 == 1 ? output[1] : 1 })
    return FusedElementwise(shape: output, views: [output, bias], steps: [step], results: [0])
  }

  func lower(_ instruction: Program.Instruction, in lowering: Lowering) throws(EngineError) {
    let output = lowering.shape(instruction.outputs[0])
    try fused(inputs: [], output: output).lower(instruction, in: lowering)
  }
}
