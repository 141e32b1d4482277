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

/// Where images and their masks lie.
struct MaskFolders: ParsableArguments {
  @Argument(
    help: ArgumentHelp("The folder of images.", valueName: "images"), completion: .directory)
  var images: String

  @Argument(
    help: ArgumentHelp("The folder of masks.", valueName: "masks"), completion: .directory)
  var masks: String

  func pairs() throws(DatasetError) -> MaskPairs {
    try MaskPairs(images: images, masks: masks)
  }
}
