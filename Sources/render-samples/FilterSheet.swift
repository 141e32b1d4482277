import Figures
import Filters
import Images

/// What every filter of the catalog makes of the scene, with an argument that it gives as its example.
func filterSheet() throws -> Image {
  let (width, height) = (240, 160)
  let scene = Picture(Camera(width: width, height: height).render(), width: width).rgb(bits: 8)
  let items = try Filter.catalog.filter { !isPlain($0) }.map { filter in
    let argument = arguments[filter.name] ?? filter.parameter?.example
    var options = FilterOptions()
    if centered.contains(filter.name) { options.range = .normalized }
    let step = try FilterStep(filter, argument, options, modifiers: modifiers[filter.name] ?? [:])
    return ContactSheet.Item(
      image: try FilterChain([step]).apply(to: scene),
      caption: [.init(filter.name), .init(argument ?? "", emphasis: .faint)])
  }
  return try ContactSheet(
    items: [.init(image: scene, caption: [.init("the image")])] + items, columns: 8,
    thumbnailSize: 96
  ).rendered()
}

/// Arguments that show more on a small image than the examples do.
private let arguments = [
  "kernel": "-2 -1 0; -1 1 1; 0 1 2", "noise": "25", "bilateral": "9,50,5", "gamma": "1.6",
  "brightness": "20%", "box": "7", "max-pool": "4", "average-pool": "4", "median": "7",
  "crop": "20,20,120,80", "pad": "20",
]
private let modifiers = [
  "tophat": ["element-size": "15"], "blackhat": ["element-size": "15"],
  "erode": ["element-size": "5"], "dilate": ["element-size": "5"],
  "open": ["element-size": "7"], "close": ["element-size": "7"],
]
/// Filters whose results lie around 0.
private let centered = ["log", "dog"]

/// Whether what a filter makes looks like the image, or like nothing in a sheet of equal squares.
private func isPlain(_ filter: Filter) -> Bool {
  ["identity", "thumbnail", "sum-pool", "trim"].contains(filter.name)
}
