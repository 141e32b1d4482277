import Figures
import Files
import Images

/// Collects thumbnails with their labels for the contact sheet of `vision classify`.
struct ContactSheetBuilder: Sendable {
  /// Images on a sheet: some 40 million pixels.
  static let maxImages = 400
  /// The longer side of a thumbnail, in pixels.
  private static let thumbnailSide = 224

  private let imageCount: Int
  private let model: String
  private var items: [ContactSheet.Item] = []
  /// Labels and file names.
  private var texts: Set<String> = []

  init(imageCount: Int, model: String) {
    self.imageCount = imageCount
    self.model = model
  }

  /// Whether the image of that number is on the sheet.
  func isSampled(_ number: Int) -> Bool {
    let most = Self.maxImages
    return imageCount <= most
      || (number + 1) * most / imageCount > number * most / imageCount
  }

  /// The whole image, in 8 bits, no larger than it is shown.
  static func thumbnail(of image: Image) throws(ImageError) -> Image {
    let longer = max(image.width, image.height)
    let flat = image.flattened()
    guard longer > thumbnailSide else { return flat }
    return try flat.resized(
      width: max(1, image.width * thumbnailSide / longer),
      height: max(1, image.height * thumbnailSide / longer), .linear)
  }

  mutating func add(_ thumbnail: Image, _ result: ClassifiedImage) {
    let name = String(decoding: result.path.name, as: UTF8.self)
    texts.formUnion([result.answer.name, name] + result.others.map(\.label))
    items.append(
      ContactSheet.Item(
        image: thumbnail,
        caption: [
          .init(result.answer.name, emphasis: result.answer.isUnknown ? .faint : .neutral),
          .init(percent(result.answer.probability), emphasis: .faint),
        ]
          + result.others.prefix(3).map {
            .init("\($0.label) \(percent($0.probability))", emphasis: .faint)
          } + [.init(name, emphasis: .faint)]))
  }

  /// Draws the sheet; none where no image could be read.
  func write(to output: ImageOutput) throws(RunError) {
    guard !items.isEmpty else { return }
    if let warning = MissingLetters.warning(in: texts) {
      Console.warn(warning, about: "--sheet \(output.path)")
    }
    let sheet = ContactSheet(
      title: "\(counted(items.count, "image")) classified by \(model)",
      items: items,
      note: imageCount > Self.maxImages
        ? "\(imageCount) images, evenly sampled" : "")
    do { try output.write(sheet.rendered()) } catch let error as RunError {
      throw error
    } catch { throw .aborted("\(output.path): \(error)") }
  }
}
