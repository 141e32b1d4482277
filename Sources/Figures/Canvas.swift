import CCairo
import Images

/// A rectangle in the canvas's units, y downwards.
struct Rectangle {
  var x: Double
  var y: Double
  var width: Double
  var height: Double

  var right: Double { x + width }
  var bottom: Double { y + height }
}

/// Where a text stands relative to the point that it is given.
enum Anchor {
  case start, middle, end
}

/// How a text looks.
struct TextStyle {
  var size: Double
  var isBold = false
  var color = Color.ink
}

/// A sheet of white paper to draw on, over Cairo's image surface.
///
/// One unit is one pixel of an ordinary screen; `scale` pixels of the image.
struct Canvas: ~Copyable {
  private let surface: OpaquePointer
  let context: OpaquePointer
  private let pixelWidth: Int
  private let pixelHeight: Int
  let fontFamily: String

  static let defaultFamily = "sans-serif"

  /// Cairo keeps coordinates in 16 bits; 100 million pixels is the limit of images everywhere here.
  private static let maxSide = 32_767
  private static let maxPixels = 100_000_000

  /// - Parameter fontFamily: as fontconfig knows it. Where no font is installed at all, Cairo draws
  ///   with its own built-in strokes (family `@cairo:`), so text is always legible.
  init(
    width: Double, height: Double, scale: Double = 2, fontFamily: String = Canvas.defaultFamily
  ) throws(FigureError) {
    let (scaledWidth, scaledHeight) = ((width * scale).rounded(.up), (height * scale).rounded(.up))
    guard scaledWidth >= 1, scaledHeight >= 1, scaledWidth < 1e9, scaledHeight < 1e9 else {
      throw .unusable("a figure of \(width)×\(height) cannot be drawn")
    }
    let (pixelWidth, pixelHeight) = (Int(scaledWidth), Int(scaledHeight))
    guard pixelWidth <= Self.maxSide, pixelHeight <= Self.maxSide,
      pixelWidth * pixelHeight <= Self.maxPixels
    else { throw .tooLarge(width: pixelWidth, height: pixelHeight) }
    // Cairo never returns nil here, only objects in an error state; `image()` asks for it.
    guard
      let surface = cairo_image_surface_create(
        CAIRO_FORMAT_RGB24, Int32(pixelWidth), Int32(pixelHeight)),
      let context = cairo_create(surface)
    else { throw .drawing("no surface") }
    self.init(surface, context, pixelWidth, pixelHeight, fontFamily)
    cairo_set_source_rgb(context, 1, 1, 1)
    cairo_paint(context)
    cairo_scale(context, scale, scale)
    cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
    cairo_set_line_cap(context, CAIRO_LINE_CAP_BUTT)
    let options = cairo_font_options_create()
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
    cairo_set_font_options(context, options)
    cairo_font_options_destroy(options)
  }

  private init(
    _ surface: OpaquePointer, _ context: OpaquePointer, _ pixelWidth: Int, _ pixelHeight: Int,
    _ fontFamily: String
  ) {
    self.surface = surface
    self.context = context
    self.pixelWidth = pixelWidth
    self.pixelHeight = pixelHeight
    self.fontFamily = fontFamily
  }

  deinit {
    cairo_destroy(context)
    cairo_surface_destroy(surface)
  }

  // MARK: Shapes

  func fill(_ rectangle: Rectangle, _ color: Color, opacity: Double = 1) {
    setSource(color, opacity)
    cairo_rectangle(context, rectangle.x, rectangle.y, rectangle.width, rectangle.height)
    cairo_fill(context)
  }

  func outline(_ rectangle: Rectangle, _ color: Color, lineWidth: Double = 1) {
    setSource(color)
    cairo_set_line_width(context, lineWidth)
    cairo_rectangle(context, rectangle.x, rectangle.y, rectangle.width, rectangle.height)
    cairo_stroke(context)
  }

  func line(
    from start: (x: Double, y: Double), to end: (x: Double, y: Double), _ color: Color,
    lineWidth: Double = 1, dashes: [Double] = []
  ) {
    polyline([start, end], color, lineWidth: lineWidth, dashes: dashes)
  }

  func polyline(
    _ points: [(x: Double, y: Double)], _ color: Color, lineWidth: Double, dashes: [Double] = []
  ) {
    guard let first = points.first else { return }
    setSource(color)
    cairo_set_line_width(context, lineWidth)
    cairo_set_dash(context, dashes, Int32(dashes.count), 0)
    cairo_move_to(context, first.x, first.y)
    for point in points.dropFirst() { cairo_line_to(context, point.x, point.y) }
    cairo_stroke(context)
    cairo_set_dash(context, nil, 0, 0)
  }

  func dot(at center: (x: Double, y: Double), radius: Double, _ color: Color) {
    setSource(color)
    cairo_arc(context, center.x, center.y, radius, 0, 2 * Double.pi)
    cairo_fill(context)
  }

  /// Draws within `rectangle` only, for the length of `body`.
  func clipped(to rectangle: Rectangle, _ body: (borrowing Canvas) -> Void) {
    cairo_save(context)
    cairo_rectangle(context, rectangle.x, rectangle.y, rectangle.width, rectangle.height)
    cairo_clip(context)
    body(self)
    cairo_restore(context)
  }

  // MARK: Images

  /// Draws an image of any layout into a rectangle, alpha over what lies there.
  func draw(_ image: Image, in rectangle: Rectangle, smooth: Bool = true) throws(FigureError) {
    guard image.layout.isValid else {
      throw .unusable(
        "an image of \(image.width) × \(image.height) pixels and \(image.channels) channels")
    }
    guard image.width <= Self.maxSide,
      image.height <= Self.maxSide
    else { throw .tooLarge(width: image.width, height: image.height) }
    guard
      let pixels = cairo_image_surface_create(
        CAIRO_FORMAT_ARGB32, Int32(image.width), Int32(image.height))
    else { throw .drawing("no surface") }
    defer { cairo_surface_destroy(pixels) }
    cairo_surface_flush(pixels)
    guard let base = cairo_image_surface_get_data(pixels) else {
      throw .drawing(message(cairo_surface_status(pixels)))
    }
    let stride = Int(cairo_image_surface_get_stride(pixels))
    image.writePremultipliedARGB(to: UnsafeMutableRawPointer(base), bytesPerRow: stride)
    cairo_surface_mark_dirty(pixels)
    cairo_save(context)
    cairo_rectangle(context, rectangle.x, rectangle.y, rectangle.width, rectangle.height)
    cairo_clip(context)
    cairo_translate(context, rectangle.x, rectangle.y)
    cairo_scale(
      context, rectangle.width / Double(image.width), rectangle.height / Double(image.height))
    cairo_set_source_surface(context, pixels, 0, 0)
    let pattern = cairo_get_source(context)
    cairo_pattern_set_filter(pattern, smooth ? CAIRO_FILTER_GOOD : CAIRO_FILTER_NEAREST)
    cairo_pattern_set_extend(pattern, CAIRO_EXTEND_PAD)
    cairo_paint(context)
    cairo_restore(context)
  }

  // MARK: Result

  /// What was drawn, as an 8-bit RGB image.
  func image() throws(FigureError) -> Image {
    for status in [cairo_status(context), cairo_surface_status(surface)]
    where status != CAIRO_STATUS_SUCCESS {
      throw .drawing(message(status))
    }
    cairo_surface_flush(surface)
    guard let base = cairo_image_surface_get_data(surface) else { throw .drawing("no pixels") }
    let stride = Int(cairo_image_surface_get_stride(surface))
    var image = Image(layout: PixelLayout(width: pixelWidth, height: pixelHeight, channels: 3))
    image.withUnsafeMutableBytes { bytes in
      var position = 0
      for row in 0..<pixelHeight {
        // Within the surface: height × stride bytes, a pixel is a native-endian 0x00RRGGBB.
        let line = UnsafeRawPointer(base + row * stride)
        for column in 0..<pixelWidth {
          let pixel = line.load(fromByteOffset: 4 * column, as: UInt32.self)
          bytes[position] = UInt8(truncatingIfNeeded: pixel >> 16)
          bytes[position + 1] = UInt8(truncatingIfNeeded: pixel >> 8)
          bytes[position + 2] = UInt8(truncatingIfNeeded: pixel)
          position += 3
        }
      }
    }
    return image
  }

  func setSource(_ color: Color, _ opacity: Double = 1) {
    cairo_set_source_rgba(context, color.red, color.green, color.blue, opacity)
  }

  private func message(_ status: cairo_status_t) -> String {
    String(cString: cairo_status_to_string(status))
  }
}
