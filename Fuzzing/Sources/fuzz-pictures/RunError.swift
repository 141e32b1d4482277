/// What the command's argument parsing throws. ChainArguments.swift, Modifier.swift and Fraction.swift
/// are links to the command's own files.
struct RunError: Error {
  static func usage(_ message: String) -> RunError { RunError() }
}
