import Engine
import Graphs
import Models
import Networks
import Tensors
import Testing

/// Restorers see as far as they say: their images are computed in tiles with so much around them.
@Suite struct ReachTests {
  @Test(arguments: 0...2) func denoiser(blocks: Int) throws {
    let network = try Models.denoiser(colors: 1, channels: 4, blocks: blocks, size: 96)
    #expect(try reach(of: network, scale: 1) == Models.denoiserReach(blocks: blocks))
  }

  @Test(arguments: [1, 3], [2, 3]) func upscaler(blocks: Int, scale: Int) throws {
    let network = try Models.upscaler(scale: scale, channels: 4, blocks: blocks, size: 48)
    #expect(try reach(of: network, scale: scale) == Models.upscalerReach(blocks: blocks))
  }

  /// How far from a column, in pixels of the input, the output changes where all beyond the column changes.
  private func reach(of network: Network, scale: Int) throws -> Int {
    let graph = Graph()
    let built = try network.build(on: graph, batch: 1, mode: .inference)
    let variables = VariableStore()
    // Averages: no change is lost to a ReLU, and none cancels another.
    for variable in graph.variables {
      let count = max(1, variable.shape.count / variable.shape[0])
      variables[variable.name] = Tensor(variable.shape, repeating: 1 / Float(count))
    }
    let plan = try Plan(
      graph, outputs: [built.output], assignments: .none, variables: variables,
      options: PlanOptions(threads: 1))
    let side = built.input.shape[3]
    func output(_ value: (_ x: Int) -> Float) throws -> [Float] {
      try plan.withInput(built.input) { values in
        for place in values.indices { values[place] = value(place % side) }
      }
      try plan.run()
      return try plan.withOutput(built.output) { Array($0) }
    }
    let before = try output { _ in 1 }
    var farthest = 0
    // Each place in the blocks of four that a denoiser makes of its pixels.
    for edge in side / 2..<side / 2 + 4 {
      for isRight in [false, true] {
        let after = try output { ($0 >= edge) == isRight ? 1000 : 1 }
        for (place, (old, new)) in zip(before, after).enumerated() where old != new {
          let x = place % (scale * side) / scale
          farthest = max(farthest, isRight ? edge - x : x - (edge - 1))
        }
      }
    }
    return farthest
  }
}
