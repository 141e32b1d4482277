import Datasets
import Figures
import Files
import Images
import Inference

extension SegmentationEvaluation {
  /// Which class was taken for which, pixel by pixel.
  public func confusionFigure(_ classes: MaskClasses) throws(FigureError) -> Image {
    try ConfusionMatrix(
      title: "Pixels by class", classNames: classes.names, counts: confusion.rows
    ).rendered()
  }

  /// The images in which the fewest pixels are predicted right: the true classes over each, and below it the
  /// predicted ones.
  ///
  /// - Parameter pair: an image and its true classes; nil where it cannot be read any more.
  public func worstFigure(
    by segmenter: Segmenter, threads: Int, pair: (Int) -> (image: Image, mask: Image)?
  ) throws(FigureError) -> Image {
    let items = worst.prefix(Self.shown).compactMap { result -> ContactSheet.Item? in
      guard let (image, mask) = pair(result.index),
        let map = try? segmenter.classMap(of: image, threads: threads),
        let both = try? Image(
          montage: [mask, map].map { segmenter.classes.overlay($0, over: image) }, columns: 1)
      else { return nil }
      let name = result.name.split(separator: "/").last.map(String.init) ?? result.name
      return ContactSheet.Item(
        image: both,
        caption: [
          ContactSheet.Line(printable(name)),
          ContactSheet.Line("\(percent(result.accuracy)) of the pixels right", emphasis: .faint),
        ])
    }
    return try ContactSheet(
      title: "Worst images: true classes above, predicted ones below", items: items,
      thumbnailSize: 260
    ).rendered()
  }

  private static let shown = 12
}
