import Images
import LoopInterface

/// An operation that prepares its steps itself, so that it can stand in a file of its own: see
/// ``StepMaker``.
public struct OwnOperation: Sendable, Equatable {
  let body: any StepMaker

  public static func == (left: OwnOperation, right: OwnOperation) -> Bool {
    left.body.isEqual(to: right.body)
  }
}

extension Operation {
  static func own(_ body: some StepMaker) -> Operation { .own(OwnOperation(body: body)) }
}

/// What a filter computes that is no sum of a window: point operations, ranks, turns of the image.
///
/// One value a filter, its parameters filled in. Most give a step that computes rows as they are read;
/// one that needs all rows at once says so (``RowStep/needsWholeImage``), one that needs statistics of
/// the image takes them in ``RowStep/adapted(to:in:threads:)``, and one whose result's size depends on what
/// the image shows is a ``ContentStepMaker``.
protocol StepMaker: Sendable, Equatable {
  /// The options that have a meaning for it; all others are refused.
  var options: Set<FilterOptions.Option> { get }
  /// - Throws: when a parameter is out of its range.
  func check() throws(FilterError)
  /// What it wants of images with alpha where its windows mix neighbors and its step carries alpha along;
  /// nil for all others.
  var premultiplying: Premultiplying? { get }
  /// The step for images of this layout.
  ///
  /// - Throws: when it cannot be applied to them.
  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
}

extension OwnOperation {
  /// The step for images of this layout; colors are weighed by alpha where it mixes neighbors.
  ///
  /// - Throws: when it cannot be applied to them.
  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    let step = try body.step(for: layout, options, loops)
    guard layout.hasAlpha, options.alpha != .straight, let wanted = body.premultiplying else {
      return step
    }
    return try PremultipliedStep(step, wanted, options) { (layout, options) throws(FilterError) in
      try body.step(for: layout, options, loops)
    }
  }
}

extension StepMaker {
  var options: Set<FilterOptions.Option> { [] }
  func check() throws(FilterError) {}
  var premultiplying: Premultiplying? { nil }

  fileprivate func isEqual(to other: any StepMaker) -> Bool { other as? Self == self }
}

/// One whose result's size depends on what the image shows.
protocol ContentStepMaker: StepMaker {
  /// The step for this image.
  func step(for layout: PixelLayout, showing image: InputRows) throws(FilterError) -> any RowStep
}

extension ContentStepMaker {
  func step(for layout: PixelLayout, _ options: FilterOptions, _ loops: LoopTable)
    throws(FilterError) -> any RowStep
  {
    throw .badArgument("the result's size depends on what the image shows")
  }
}
