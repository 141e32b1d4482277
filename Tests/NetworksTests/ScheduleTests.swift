import Networks
import Testing

@Suite struct ScheduleTests {
  private func near(_ a: Float, _ b: Float) -> Bool { abs(a - b) <= 1e-6 * max(1, abs(b)) }

  @Test func handWorkedFactors() {
    #expect(Schedule.constant.factor(at: 1_000_000) == 1)

    let steps = Schedule.step(every: 10, factor: 0.5)
    #expect([0, 9, 10, 19, 20].map(steps.factor(at:)) == [1, 1, 0.5, 0.5, 0.25])

    #expect(near(Schedule.exponential(factor: 0.9).factor(at: 3), 0.729))

    let cosine = Schedule.cosine(steps: 100, floor: 0.1)
    #expect(near(cosine.factor(at: 0), 1) && near(cosine.factor(at: 50), 0.55))
    #expect(near(cosine.factor(at: 25), 0.1 + 0.9 * (1 + Float(0.5).squareRoot()) / 2))
    #expect(near(cosine.factor(at: 100), 0.1) && near(cosine.factor(at: 999), 0.1))

    let linear = Schedule.linear(steps: 4)
    #expect([0, 1, 2, 3, 4, 5].map(linear.factor(at:)) == [1, 0.75, 0.5, 0.25, 0, 0])

    let warm = Schedule.warmup(steps: 4, then: .linear(steps: 2))
    #expect([0, 1, 2, 3, 4, 5, 6].map(warm.factor(at:)) == [0.25, 0.5, 0.75, 1, 1, 0.5, 0])
  }

  /// From `torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1, total_steps=10)` and with
  /// `pct_start=0.25, anneal_strategy="linear", div_factor=4, final_div_factor=10, total_steps=8`.
  @Test func oneCycleAsInPyTorch() {
    let cosine = Schedule.oneCycle(steps: 10)
    let published: [Float] = [
      0.04, 0.52, 1, 0.9504846320134737, 0.8117456539497631, 0.6112620219362893,
      0.38874197806371075, 0.18825834605023697, 0.049519367986526286, 4e-06,
    ]
    for (step, expected) in published.enumerated() {
      #expect(near(cosine.factor(at: step), expected), "step \(step)")
    }
    let straight = Schedule.triangular(steps: 8, warmupFraction: 0.25, start: 0.25, end: 0.025)
    let lines: [Float] = [0.25, 1, 0.8375, 0.675, 0.5125, 0.35, 0.1875, 0.025]
    for (step, expected) in lines.enumerated() {
      #expect(near(straight.factor(at: step), expected), "step \(step)")
    }
    #expect(near(cosine.factor(at: 50), 1 / 250_000))
  }

  @Test func oddArgumentsGiveNumbers() {
    let schedules: [Schedule] = [
      .step(every: 0, factor: 0.1), .cosine(steps: 0), .linear(steps: -3), .oneCycle(steps: 0),
      .oneCycle(steps: 1), .oneCycle(steps: 5, warmupFraction: 0),
      .oneCycle(steps: 5, warmupFraction: 1),
      .triangular(steps: 2, warmupFraction: 0.9), .warmup(steps: -1, then: .constant),
      .warmup(steps: .max, then: .constant),
    ]
    for schedule in schedules {
      for step in [.min, -1, 0, 1, 4, 5, 1000, .max] {
        #expect(schedule.factor(at: step).isFinite, "\(schedule) at \(step)")
      }
    }
  }
}
