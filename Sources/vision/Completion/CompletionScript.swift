/// The completion scripts of the shells: each asks the program (``Completer``) what can stand at the cursor.
///
/// What a file, a model or a folder is called may be anything, also `$(rm -rf ~)`. So nothing that is offered is ever
/// evaluated: not by `compgen -W`, which expands its words, nor by `eval`. The program that is asked is the one in PATH, not
/// the word on the command line, which may be a file of the folder one is in.
enum CompletionScript: String, CaseIterable {
  case bash, zsh, fish

  var text: String {
    switch self {
    case .bash: Self.bashText
    case .zsh: Self.zshText
    case .fish: Self.fishText
    }
  }

  private static let bashText = #"""
    # Completion of vision for bash.

    _vision() {
        # The words up to the cursor. bash parts them at : and =, too; here they are joined again.
        local line=${COMP_LINE:0:COMP_POINT} words=() joins="" word kind i
        for ((i = 0; i <= COMP_CWORD; i++)); do
            word=${COMP_WORDS[i]}
            ((i == COMP_CWORD)) && word=$line
            if [[ $joins ]]; then words[${#words[@]}-1]+=$word; else words+=("$word"); fi
            line=${line#"$word"}
            joins=1
            [[ $line == [[:space:]]* ]] && joins=""
            line=${line#"${line%%[![:space:]]*}"}
        done

        # What readline replaces is only the part behind the last : or =.
        local current=${words[${#words[@]}-1]} skipped
        skipped=$((${#current} > ${#2} ? ${#current} - ${#2} : 0))
        COMPREPLY=()
        {
            IFS= read -r kind
            while IFS=$'\t' read -r word _; do
                [[ $word == "$current"* ]] && COMPREPLY+=("${word:skipped}")
            done
        } < <(command vision ---complete "${words[@]:1}" 2>/dev/null)

        local -a listing=()
        case $kind in
        files) listing=(-f) ;;
        directories) listing=(-d) ;;
        models) listing=(-f -X '!*.@(safetensors|onnx)') ;;
        *) return ;;
        esac
        # readline lists the files itself where there is nothing else to offer, and quotes what it inserts.
        compopt -o filenames 2>/dev/null
        if [[ $kind != models && ${#COMPREPLY[@]} == 0 ]]; then
            [[ $kind == files ]] && compopt -o default 2>/dev/null || compopt -o dirnames 2>/dev/null
            return
        fi
        local pattern
        pattern=$(shopt -p extglob)
        shopt -s extglob
        while IFS= read -r word; do COMPREPLY+=("$word"); done < <(
            [[ $kind == models ]] && compgen -d -- "$2"
            compgen "${listing[@]}" -- "$2"
        )
        [[ $pattern == *-u* ]] && shopt -u extglob
    }

    complete -F _vision vision
    """#

  private static let zshText = #"""
    #compdef vision

    _vision() {
        local -a lines values shown
        local line
        lines=("${(@f)$(command vision ---complete "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
        for line in "${(@)lines[2,-1]}"; do
            values+=("${line%%$'\t'*}")
            shown+=("${line/$'\t'/  -- }")
        done
        (( ${#values} )) && compadd -l -d shown -a values
        [[ $PREFIX == -*=* ]] && compset -P '*='
        case ${lines[1]} in
        files) _files ;;
        directories) _files -/ ;;
        models) _files -g '*.(safetensors|onnx)(-.)' ;;
        esac
    }

    if [[ $funcstack[1] == _vision ]]; then _vision "$@"; else compdef _vision vision; fi
    """#

  private static let fishText = #"""
    # Completion of vision for fish.

    function __vision_ask
        set -l before (commandline -opc)
        set -l current (commandline -ct)
        command vision ---complete $before[2..] "$current" 2>/dev/null
    end

    function __vision_words
        set -l lines (__vision_ask)
        string join -- \n $lines[2..]
    end

    function __vision_takes
        set -l lines (__vision_ask)
        contains -- "$lines[1]" $argv
    end

    complete -c vision -f -a '(__vision_words)'
    complete -c vision -n '__vision_takes files models' -F
    complete -c vision -n '__vision_takes directories' -a '(__fish_complete_directories (commandline -ct) "")'
    """#
}
