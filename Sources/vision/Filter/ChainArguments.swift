import Filters

/// The filters of a command line, in the order in which they stand there.
///
/// The argument parser keeps no order between different flags, so the flags of filters and those
/// that change a filter are taken out of the arguments before it sees them. The parser still declares them
/// (``FilterFlag``, ``ModifierFlag``): for help, completion and the nearest name of a mistyped one.
struct ChainArguments {
  /// One filter with its argument and what was said of it.
  struct Step {
    let filter: Filter
    let argument: String?
    /// The filter's further arguments by name.
    var modifiers: [String: String] = [:]
    var options = FilterOptions()
    /// The file of its mask.
    var mask: String?
  }

  private(set) var steps: [Step] = []
  /// `--background` where it belongs to no filter: what is laid under transparent pixels in formats without alpha.
  private(set) var background: String?
  /// The other arguments, in their order.
  private(set) var remaining: [String] = []

  /// Takes the filters out of the arguments of `vision filter`.
  ///
  /// - Throws: a usage error for a missing or superfluous value, and for a modifier that no filter
  ///   stands before.
  init(_ arguments: [String]) throws(RunError) {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--" {
        remaining += [argument] + rest
        return
      }
      guard argument.hasPrefix("--") else {
        remaining.append(argument)
        continue
      }
      // `--box 5` or `--box=5`.
      let parts = argument.dropFirst(2).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = parts.first.map(String.init) ?? ""
      var value = parts.count == 2 ? String(parts[1]) : nil
      if let filter = Filter.named(name) {
        // What may be left out is only a value where it looks like one: `--trim 10`.
        let isLeftOut =
          filter.parameter?.isOptional == true && value == nil
          && rest.first.flatMap { Fraction($0) } == nil
        if !isLeftOut {
          value = try Self.value(
            of: name, filter.parameter?.placeholder, given: value, from: &rest)
        }
        steps.append(Step(filter: filter, argument: value))
      } else if let modifier = Modifier.named(name) {
        value = try Self.value(of: name, modifier.placeholder, given: value, from: &rest)
        if name == "background",
          steps.last?.filter.modifiers.contains(where: { $0.name == name }) != true
        {
          background = value
          continue
        }
        guard !steps.isEmpty else {
          throw .usage(
            "--\(name) must follow the filter it applies to, for example --sobel \(modifier.example)"
          )
        }
        do throws(FilterError) {
          try modifier.apply(value ?? "", &steps[steps.count - 1])
        } catch {
          throw .usage("--\(name): \(error)")
        }
      } else {
        // The parser knows no options whose value may be left out.
        remaining.append(argument == "--strip" ? "--strip=all" : argument)
      }
    }
  }

  private static func value(
    of name: String, _ placeholder: String?, given: String?, from rest: inout ArraySlice<String>
  ) throws(RunError) -> String? {
    guard let placeholder else {
      if given != nil { throw .usage("--\(name) takes no value") }
      return nil
    }
    guard let value = given ?? rest.popFirst() else {
      throw .usage("--\(name) needs a value: --\(name) \(placeholder)")
    }
    return value
  }
}
