import Filters

/// The catalogue of filters as text.
enum CatalogueListing {
  /// For a terminal.
  static var plain: String {
    let table = TextTable(
      header: ["filter", "kernel", "normalisation", "range for samples 0…255"],
      rows: Filter.catalog.map { [$0.usage, $0.kernel, $0.normalization, $0.range] })
    return table.plain + """


      Kernels are correlated (not flipped) with each channel; where neighbours mix, colours are weighted
      by alpha. Beyond the edge the image is mirrored (--border reflect101) and results are clamped to the samples' range, unless
      something else stands behind the filter; see 'vision filter --help'.

      """
  }

  /// For a document.
  static var markdown: String {
    let table = TextTable(
      header: ["filter", "what it does", "kernel", "normalisation", "range for samples 0…255"],
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
