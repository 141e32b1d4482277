import Images
import LoopInterface

extension Operation {
  /// The operation prepared for images of this layout.
  ///
  /// - Throws: when an option has no meaning here or is out of its range, or no window fits.
  func step(
    _ filter: String, _ options: FilterOptions, for layout: PixelLayout, _ loops: LoopTable
  ) throws(FilterError) -> any RowStep {
    guard layout.isValid else {
      throw .badArgument(
        "an image of \(layout.width) × \(layout.height) pixels and \(layout.channels) channels cannot be "
          + "filtered; give 1 to 4 channels and at least a pixel")
    }
    try check()
    try options.check(for: self, named: filter)
    switch self {
    case .gray: return GrayStep(layout, loops)
    case .own(let own): return try own.step(for: layout, options, loops)
    default: break
    }
    let geometry = try geometry(options, layout)
    let general = resultStep(options, geometry, loops)
    let step = fastStep(options, geometry, loops) ?? general
    guard layout.hasAlpha, options.alpha != .straight,
      let rule = alphaRule(options, layout, loops)
    else { return step }
    return AlphaStep(
      step, rule, kernels: kernels(options), geometry, loops, general.finish,
      normalizes: general.normalizes)
  }

  /// The kernels that a window is summed by, where these say all.
  private func kernels(_ options: FilterOptions) -> [Kernel] {
    switch self {
    case .kernel(let kernel): return [kernel]
    case .box(3): return [Kernel(Array(repeating: [1, 1, 1], count: 3))]
    case .gradient(let smooth, let derive):
      let kernel = Kernel.product(column: smooth, row: derive)
      return switch options.direction ?? .magnitude {
      case .x: [kernel]
      case .y: [kernel.transposed]
      case .magnitude: [kernel, kernel.transposed]
      case .angle: []
      }
    case .box, .gaussian, .pool, .gray, .own: return []
    }
  }

  /// The first of the fast steps that can do it.
  private func fastStep(
    _ options: FilterOptions, _ geometry: WindowGeometry, _ loops: LoopTable
  ) -> (any RowStep)? {
    if let step = WindowStep(self, options, geometry, loops) { return step }
    if let step = BoxStep(self, options, geometry, loops) { return step }
    return GaussianStep(self, options, geometry, loops)
  }

  /// How colors are weighed by alpha.
  private func alphaRule(
    _ options: FilterOptions, _ layout: PixelLayout, _ loops: LoopTable
  ) -> AlphaRule? {
    // Integers times alpha are held by a float so that their sums in `Double` are exact.
    let isExact = layout.sample != .float32
    switch self {
    case .kernel(let kernel):
      let sum = kernel.weights.reduce(0, +)
      let make: AlphaRule.MakeResults = { KernelResults(kernel, $0, loops) }
      // What is 0 but for rounding is 0.
      let isMean = sum.magnitude > 1e-9 * kernel.weights.reduce(0) { $0 + $1.magnitude }
      return isMean
        ? .mean(weights: sum, make) : .difference([make], weights: 0, .magnitude)
    case .gradient(let smooth, let derive):
      let direction = options.direction ?? .magnitude
      let kernel = Kernel.product(column: smooth, row: derive)
      let x: AlphaRule.MakeResults = { KernelResults(kernel, $0, loops) }
      let y: AlphaRule.MakeResults = { KernelResults(kernel.transposed, $0, loops) }
      let kernels = direction == .x ? [x] : direction == .y ? [y] : [x, y]
      return .difference(kernels, weights: kernel.weights.reduce(0, +), direction)
    case .box(let size):
      return .mean(weights: Double(size) * Double(size), slides: true) {
        BoxResults($0, loops, isExact: isExact)
      }
    case .gaussian(let sigma):
      let weights = GaussianWeights(sigma: sigma)
      return .mean(weights: 1) { GaussianResults(weights, $0, loops) }
    case .pool(.max, let width, let height):
      return .largest(
        { MaximumResults($0, loops) }, alpha: { BoxResults($0, loops, isExact: isExact) },
        area: Double(width) * Double(height))
    case .pool(_, let width, let height):
      return .mean(weights: Double(width) * Double(height), slides: true) {
        BoxResults($0, loops, isExact: isExact)
      }
    case .gray, .own: return nil
    }
  }

  /// The window's width and height.
  package var windowSize: (width: Int, height: Int) {
    switch self {
    case .kernel(let kernel): (kernel.width, kernel.height)
    case .gradient(let smooth, _): (smooth.count, smooth.count)
    case .box(let size): (size, size)
    case .gaussian(let sigma):
      (2 * GaussianWeights(sigma: sigma).radius + 1, 2 * GaussianWeights(sigma: sigma).radius + 1)
    case .pool(_, let width, let height): (width, height)
    case .gray, .own: (1, 1)
    }
  }

  private func geometry(_ options: FilterOptions, _ layout: PixelLayout) throws(FilterError)
    -> WindowGeometry
  {
    let (width, height) = windowSize
    if case .pool = self {
      return try WindowGeometry(
        layout, width: width, height: height, strideX: options.stride ?? width,
        strideY: options.stride ?? height, padding: .valid, border: .replicate)
    }
    return try WindowGeometry(
      layout, width: width, height: height, strideX: options.stride ?? 1,
      strideY: options.stride ?? 1, padding: options.padding ?? .same,
      border: options.border ?? .reflect101)
  }

  /// The step that can do everything.
  private func resultStep(
    _ options: FilterOptions, _ geometry: WindowGeometry, _ loops: LoopTable
  ) -> ResultStep {
    let sample = geometry.input.sample
    var step = ResultStep(options, geometry, loops) { BoxResults(geometry, loops) }

    switch self {
    case .kernel(let kernel):
      step.finish.scale *= kernel.scale
      step.finish.bias += kernel.bias * options.scale
      step = step.with { KernelResults(kernel, geometry, loops) }
    case .gradient(let smooth, let derive):
      let direction = options.direction ?? .magnitude
      if direction == .angle {
        step.finish = .angle(of: sample)
        step.normalizes = false
      }
      step = step.with {
        GradientResults(smooth: smooth, derive: derive, direction, geometry, loops)
      }
    case .box(let size):
      step.finish.average(size * size, of: sample)
      step.rowsLookedBack = 1
    case .gaussian(let sigma):
      let weights = GaussianWeights(sigma: sigma)
      step = step.with { GaussianResults(weights, geometry, loops) }
    case .pool(let pooling, let width, let height):
      step.rowsLookedBack = 1
      if pooling == .average { step.finish.average(width * height, of: sample) }
      if pooling == .max { step = step.with { MaximumResults(geometry, loops) } }
      // Alpha is the window's mean coverage, whatever becomes of the colors.
      step.makeAlpha = { BoxResults(geometry, loops) }
      step.alphaFinish.lower = step.finish.lower
      step.alphaFinish.upper = step.finish.upper
      step.alphaFinish.average(width * height, of: sample)
    case .gray, .own: break
    }
    return step
  }
}

extension ResultStep {
  /// The step with other results.
  fileprivate func with(_ makeResults: @escaping @Sendable () -> any ResultRows) -> ResultStep {
    ResultStep(
      geometry: geometry, loops: loops, finish: finish, normalizes: normalizes,
      makeResults: makeResults, makeAlpha: makeAlpha, alphaFinish: alphaFinish,
      rowsLookedBack: rowsLookedBack)
  }
}

extension Finish {
  /// Divides sums by `area`, ties of integer samples upwards: sums are whole, so a quarter more
  /// lifts every tie and nothing else.
  fileprivate mutating func average(_ area: Int, of sample: SampleType) {
    scale /= Double(area)
    nudge = sample == .float32 ? 0 : 0.25 / Double(area)
  }

  /// Turns as samples; a whole turn, reached by rounding, is 0 again because higher bits fall away.
  fileprivate static func angle(of sample: SampleType) -> Finish {
    var finish = Finish()
    finish.upper = (sample.maximum ?? 0) + 1
    return finish
  }
}

extension Operation {
  /// - Throws: when a parameter is out of its range: the catalog sees to that as it reads text,
  ///   but a program may make an operation of anything.
  func check() throws(FilterError) {
    let sides = 1...Operation.largestWindow
    switch self {
    case .box(let size) where !sides.contains(size):
      throw .badArgument("box size \(size): give a whole number from 1 to \(sides.upperBound)")
    case .pool(_, let width, let height) where !sides.contains(width) || !sides.contains(height):
      throw .badArgument(
        "pooling window \(width) × \(height): give whole numbers from 1 to \(sides.upperBound)")
    case .gaussian(let sigma) where !(sigma > 0 && sigma <= Operation.largestSigma):
      throw .badArgument(
        "gaussian sigma \(sigma): give a number above 0, up to \(Int(Operation.largestSigma))")
    case .gradient(let smooth, let derive)
    where smooth.count != derive.count || smooth.count.isMultiple(of: 2):
      throw .badArgument(
        "gradient of \(smooth.count) and \(derive.count) weights: give both one odd number of them")
    case .own(let own): try own.body.check()
    default: break
    }
  }
}

extension FilterOptions {
  /// - Throws: when an option is out of its range or has no meaning for the operation.
  func check(for operation: Operation, named name: String) throws(FilterError) {
    if let stride, stride < 1 || stride > Operation.largestWindow {
      throw .badArgument(
        "stride \(stride): give a whole number from 1 to \(Operation.largestWindow)")
    }
    guard scale.isFinite else { throw .badArgument("scale \(scale): give a finite number") }
    guard bias.isFinite else { throw .badArgument("bias \(bias): give a finite number") }
    let meaningful = operation.options
    for option in Option.allCases where isGiven(option) && !meaningful.contains(option) {
      throw .inapplicable(option: option.rawValue, filter: name)
    }
    if case .pool = operation, padding == .same {
      throw .inapplicable(option: "same padding", filter: name)
    }
  }
}

extension Operation {
  /// The options that have a meaning for it.
  fileprivate var options: Set<FilterOptions.Option> {
    switch self {
    case .gradient: Set(FilterOptions.Option.allCases).subtracting([.linear])
    case .kernel(let kernel) where kernel.weights.contains { $0 < 0 }:
      Set(FilterOptions.Option.allCases).subtracting([.direction, .linear])
    case .kernel, .box, .gaussian: Set(FilterOptions.Option.allCases).subtracting([.direction])
    case .pool(.average, _, _):
      [.padding, .stride, .scale, .bias, .relu, .range, .alpha, .linear]
    case .pool: [.padding, .stride, .scale, .bias, .relu, .range, .alpha]
    case .gray: []
    case .own(let own): own.body.options
    }
  }
}
