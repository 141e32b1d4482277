import Engine
import Inference
import ModelFiles
import Restoration

/// The upscalers at hand, and which of them enlarge by a factor, one after the other.
struct UpscalerLadder: Sendable {
  /// By scale, the smallest first.
  private let steps: [Step]

  /// An upscaler that computes as told, and one that computes in fp32, for images of more than 8 bits.
  struct Step: Sendable {
    let upscaler: Upscaler
    let exact: Upscaler
  }

  /// - Parameter model: the only one that is used; nil for those that ship.
  init(model: String?, options: PlanOptions) throws(RunError) {
    let catalog = ModelCatalog()
    let names = model.map { [$0] } ?? Self.bundled(in: catalog)
    var steps: [Step] = []
    for name in names {
      do {
        let path = try catalog.path(for: name)
        let upscaler = try Upscaler(path: path, options: options)
        var exact = upscaler
        if options.precision != .float32 {
          var precise = options
          precise.precision = .float32
          exact = try Upscaler(path: path, options: precise)
        }
        steps.append(Step(upscaler: upscaler, exact: exact))
      } catch { throw .aborted(advised(error)) }
    }
    guard !steps.isEmpty else {
      throw .aborted(
        "no upscaler was found; name one with --model, or set VISION_MODELS to the directory of the models"
      )
    }
    self.steps = steps.sorted { $0.upscaler.scale < $1.upscaler.scale }
  }

  private static func bundled(in catalog: ModelCatalog) -> [String] {
    catalog.entries.map(\.name).filter { $0.hasPrefix("upscale-x") }
  }

  /// The upscalers that together enlarge by at least a factor, the first one first: the smallest that does
  /// alone, or else the largest again and again.
  func steps(for factor: Double) -> [Step] {
    var (chosen, reached): ([Step], Double) = ([], 1)
    while reached < factor - 1e-9, let largest = steps.last {
      let step = steps.first { reached * Double($0.upscaler.scale) >= factor - 1e-9 } ?? largest
      chosen.append(step)
      reached *= Double(step.upscaler.scale)
    }
    return chosen
  }

  /// What is left to do after the upscalers for a factor, as a fraction of a side; nil where nothing is.
  func remainder(after factor: Double) -> Double? {
    let reached = steps(for: factor).reduce(1.0) { $0 * Double($1.upscaler.scale) }
    return abs(reached - factor) < 1e-9 ? nil : factor / reached
  }
}
