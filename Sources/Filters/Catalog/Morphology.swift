extension Filter {
  /// The smallest sample under the element.
  public static let erode = morphology(
    "erode", .erode, summary: "erosion: the smallest sample under a structuring element",
    kernel: "min over B")
  /// The largest sample under the element.
  public static let dilate = morphology(
    "dilate", .dilate, summary: "dilation: the largest sample under a structuring element",
    kernel: "max over B")
  /// Erosion, then dilation.
  public static let open = morphology(
    "open", .open, summary: "opening: erosion, then dilation; removes what is small and bright",
    kernel: "dilate(erode x)")
  /// Dilation, then erosion.
  public static let close = morphology(
    "close", .close, summary: "closing: dilation, then erosion; fills what is small and dark",
    kernel: "erode(dilate x)")
  /// The outlines of what stands out.
  public static let morphologicalGradient = morphology(
    "morph-gradient", .gradient, summary: "morphological gradient: dilation minus erosion",
    kernel: "dilate x − erode x")
  /// What an opening removes.
  public static let topHat = morphology(
    "tophat", .topHat, summary: "top-hat: the image minus its opening", kernel: "x − open x")
  /// What a closing fills.
  public static let blackHat = morphology(
    "blackhat", .blackHat, summary: "black-hat: the closing minus the image",
    kernel: "close x − x")

  private static func morphology(
    _ name: String, _ kind: Morphology.Kind, summary: String, kernel: String
  ) -> Filter {
    Filter(
      name, modifiers: [.element, .elementSize, .iterations], summary: summary, kernel: kernel
    ) { arguments throws(FilterError) in
      .own(
        Morphology(
          kind, try arguments.element(),
          iterations: try arguments.whole(.iterations, in: 1...Morphology.mostIterations) ?? 1))
    }
  }

  /// The smallest sample of a square window.
  public static let minimum = extreme(
    "min", .erode, summary: "minimum filter: the smallest sample of an N × N window")
  /// The largest sample of a square window.
  public static let maximum = extreme(
    "max", .dilate, summary: "maximum filter: the largest sample of an N × N window")

  private static func extreme(_ name: String, _ kind: Morphology.Kind, summary: String) -> Filter {
    Filter(
      name, "N", "side of the square window in pixels", summary: summary,
      kernel: "\(name) of N × N", example: "3"
    ) { argument throws(FilterError) in
      guard let size = Int(argument), (1...Element.largestSide).contains(size) else {
        throw .badArgument(
          "\(name) size \(argument): give a whole number from 1 to \(Element.largestSide)")
      }
      return .own(Morphology(kind, try ElementShape.rect.element(width: size, height: size)))
    }
  }
}

extension Filter.Modifier {
  static let element = Filter.Modifier(
    "element", "E",
    "morphology: rect (default), cross, ellipse, rows as \"0 1 0; 1 1 1; 0 1 0\", or @FILE",
    values: ElementShape.allCases.map(\.rawValue))
  static let elementSize = Filter.Modifier(
    "element-size", "W[xH]", "morphology: size of the element in pixels (default: 3)")
  static let iterations = Filter.Modifier(
    "iterations", "N", "morphology: how often each erosion and dilation is repeated (default: 1)")
}

extension Filter.Arguments {
  /// The element of ``Filter/Modifier/element`` and ``Filter/Modifier/elementSize``.
  fileprivate func element() throws(FilterError) -> Element {
    let size = self[.elementSize]
    let text = self[.element] ?? "rect"
    guard let shape = ElementShape(rawValue: text) else {
      guard size == nil else {
        throw .badArgument(
          "element-size has no meaning for an element that is typed; leave it out")
      }
      let kernel: Kernel
      do throws(FilterError) { kernel = try Kernel(text: text) } catch {
        throw .badArgument("element: \(error)")
      }
      return try Element(kernel.rows.map { $0.map { $0 != 0 } })
    }
    let sides = (size ?? "3").split(separator: "x", omittingEmptySubsequences: false)
      .map { Int($0) }
    let limits = 1...Element.largestSide
    guard sides.count <= 2, let width = sides[0], let height = sides[sides.count - 1],
      limits.contains(width), limits.contains(height)
    else {
      throw .badArgument(
        "element-size \(size ?? ""): give W or WxH, whole numbers from 1 to \(limits.upperBound)")
    }
    return try shape.element(width: width, height: height)
  }

  /// A whole number within a range; nil where it was left out.
  func whole(_ modifier: Filter.Modifier, in range: ClosedRange<Int>) throws(FilterError) -> Int? {
    guard let text = self[modifier] else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw .badArgument(
        "\(modifier.name) \(text): give a whole number from \(range.lowerBound) to \(range.upperBound)"
      )
    }
    return number
  }
}
