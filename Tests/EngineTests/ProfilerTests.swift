import Engine
import Graphs
import Loops
import Tensors
import Testing

@Suite struct ProfilerTests {
  /// Two plans in one report, the work of a convolution counted: 2 · 2 · 10 · 10 · 16 · 16 · 9.
  @Test func sumsUpPlans() throws {
    let profiler = Profiler()
    #expect(profiler.report.isEmpty)
    for label in ["first", "second"] {
      let graph = Graph()
      let x = try graph.input("x", [2, 16, 10, 10])
      let w = try graph.input("w", [16, 16, 3, 3])
      let y = try graph.withLabel(label) { try x.applying(Convolution(padding: 1), w).map(.exp) }
      let plan = try Plan(
        graph, outputs: [y], variables: VariableStore(),
        options: PlanOptions(profiler: profiler))
      #expect(!profiler.report.contains(label))
      for _ in 0..<3 { try plan.run() }
    }
    let lines = profiler.report.split(separator: "\n")
    #expect(lines[0].hasSuffix("GFLOP/s  operation"))
    let total = try #require(lines.first { $0.hasSuffix("  all") })
    #expect(Double(total.split(separator: " ")[0].replacing(",", with: "")) != nil)
    // By kind both plans' runs together, one by one each for itself.
    let kinds = lines.prefix { $0 != total }.filter { $0.contains("exp [loop]") }
    #expect(kinds.count == 1 && kinds[0].split(separator: " ")[3] == "6", "\(kinds)")
    for label in ["first", "second"] {
      let slow = try #require(lines.first { $0.contains("  Convolution [") && $0.hasSuffix(label) })
      let cells = slow.split(separator: " ")
      #expect(cells[3] == "3")
      #expect(try #require(Double(cells[4])) >= 0)
    }
  }

  /// Not the plain loops, which are made for AVX-512's blocks of channels.
  @Test(.enabled(if: try InstructionSet.allowed() > .baseline))
  func convolutionsAndTheirGradientsGoWinogradsWay() throws {
    for (side, stride) in [(3, 1), (4, 2)] {
      let profiler = Profiler()
      let graph = Graph()
      let x = try graph.input("x", [8, 32, 16, 16])
      let w = try graph.input("w", [32, 32, side, side])
      let y = try x.applying(Convolution(strides: Size2D(stride), padding: 1), w)
      let loss = try y.map(.square).sum()
      let plan = try Plan(
        graph, outputs: try graph.gradients(of: loss, withRespectTo: [x, w]),
        variables: VariableStore(), options: PlanOptions(profiler: profiler))
      try plan.run()
      for kind in ["Convolution", "ConvolutionInputGradient", "ConvolutionWeightGradient"] {
        #expect(profiler.report.contains("\(kind) [winograd "), "\(profiler.report)")
      }
    }
  }
}
