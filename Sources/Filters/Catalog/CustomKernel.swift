extension Filter {
  /// Correlation with a kernel that is typed in.
  public static let custom = Filter(
    "kernel", "ROWS", "rows separated by ';', as \"1 0 -1; 2 0 -2; 1 0 -1\"; 1/9 is a number too",
    summary: "cross-correlation with a custom kernel of any size",
    kernel: "ROWS", range: "as its weights", example: "0 1 0; 1 -4 1; 0 1 0"
  ) { argument throws(FilterError) in
    .kernel(try Kernel(text: argument))
  }
}
