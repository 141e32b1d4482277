import ArgumentParser
import Datasets

/// What masks hold.
struct MaskOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      A text file of class names, one a line: the line of a class's number, from 0, or "R G B name" for \
      masks in colors.
      """,
      valueName: "file"),
    completion: .file())
  var classes: String?

  @Option(
    help: ArgumentHelp(
      "The value of pixels that belong to no class: a number, or a color as #rrggbb.",
      valueName: "value"))
  var void: MaskValue?
}

/// A palette's index, a gray level, or a color.
struct MaskValue: ExpressibleByArgument {
  let value: Int

  init?(argument: String) {
    guard let known = MaskClasses.value(argument) else { return nil }
    value = known.value
  }
}
