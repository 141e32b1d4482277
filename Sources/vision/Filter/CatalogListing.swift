import Files
import Filters

/// The catalog of filters as text.
enum CatalogListing {
  /// For a terminal.
  static var plain: String {
    let table = TextTable(
      header: ["filter", "kernel", "normalization", "range for samples 0…255"],
      rows: Filter.catalog.map { [$0.usage, $0.kernel, $0.normalization, $0.range] })
    return table.plain + """


      Kernels are cross-correlated (not flipped) with each channel; where neighbors mix, colors are
      weighted by alpha. By default borders are reflected (--border reflect101) and results are clamped
      to the sample range; see 'vision filter --help'.

      """
  }

  /// For a document.
  static var markdown: String {
    let table = TextTable(
      header: ["filter", "what it does", "kernel", "normalization", "range for samples 0…255"],
      rows: Filter.catalog.map {
        ["`\($0.usage)`", $0.summary, $0.kernel, $0.normalization, $0.range]
      })
    return table.markdown + "\n"
  }
}

extension Filter {
  /// The flag as it is typed: `--box N`.
  fileprivate var usage: String { "--" + name + (parameter.map { " " + $0.placeholder } ?? "") }
}
