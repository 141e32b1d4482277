/// Completion of `filter learn`.
///
/// The argument parser's scripts do not provide for a command that takes files and has a subcommand, too: after
/// `vision filter`, bash and fish never come to the subcommand, and zsh refuses the description.
enum FilterCompletion {
  /// A completion script that offers `learn` and its options behind `filter`; other text as it is.
  static func offeringLearn(in script: String) -> String {
    var script = script
    for (old, new) in fish { script = script.replacing(old, with: new, maxReplacements: 1) }
    guard let start = script.firstRange(of: "\n_vision_filter() {\n"),
      let end = script[start.upperBound...].firstRange(of: "\n}\n")
    else { return script }
    var function = String(script[start.upperBound..<end.lowerBound])
    for (old, new) in bash + zsh { function.replace(old, with: new, maxReplacements: 1) }
    script.replaceSubrange(start.upperBound..<end.lowerBound, with: function)
    return script
  }

  private static let bash = [
    (
      "    repeating_flags=()\n",
      """
          if [[ "${unparsed_words[0]}" == learn && "${#unparsed_words[@]}" -gt 1 ]]; then
              unparsed_words=("${unparsed_words[@]:1}")
              _vision_filter_learn
              return
          fi
          repeating_flags=()

      """
    ),
    (
      "    # Offer positional completions\n",
      """
          # Offer positional completions
          [[ "${COMP_CWORD}" -eq 2 ]] && COMPREPLY+=($(compgen -W learn -- "${cur}"))

      """
    ),
  ]

  private static let zsh = [
    (
      "    local -i ret=1\n",
      """
          if (( CURRENT > 2 )) && [[ "${words[2]}" == learn ]]; then
              shift words
              (( CURRENT-- ))
              _vision_filter_learn
              return
          fi
          local -i ret=1

      """
    ),
    ("        '*:input:_files'\n", "        '*:input:->command'\n"),
    ("        '(-): :->command'\n        '(-)*:: :->arg'\n", ""),
    (
      "        _describe -V subcommand subcommands && ret=0\n",
      """
              (( CURRENT == 2 )) && _describe -V subcommand subcommands && ret=0
              _files && ret=0

      """
    ),
  ]

  private static let fish = [
    (
      "        case 'filter'\n            ",
      "        case 'filter'\n            if test \"$unparsed_tokens[2]\" = learn; "
        + "__vision_parse_subcommand 0; else; "
    ),
    (
      "\n            switch $unparsed_tokens[1]\n            case 'learn'\n",
      "; end\n            switch $unparsed_tokens[1]\n            case 'learn'\n"
    ),
    ("\"vision filter\" -eq 2' -fa 'learn'", "\"vision filter\" -eq 1' -fa 'learn'"),
  ]
}
