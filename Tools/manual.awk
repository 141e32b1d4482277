# One command's help as a manual page (man macros). Set: page (such as vision-gan-sample), version.

function escaped(text) {
  gsub(/\\/, "\\e", text)
  gsub(/-/, "\\-", text)
  gsub(/'/, "\\(aq", text)
  gsub(/`/, "\\(ga", text)
  gsub(/\^/, "\\(ha", text)
  gsub(/~/, "\\(ti", text)
  if (text ~ /^\./) text = "\\\\&" text
  return text
}

# Options bold, what stands for a value in italics.
function head(text,   words, count, i, result, word) {
  count = split(text, words, " ")
  result = ""
  for (i = 1; i <= count; i++) {
    word = words[i]
    if (word ~ /^[-]/) word = "\\fB" escaped(word) "\\fR"
    else if (word ~ /^</ || word ~ /^[A-Z]+$/) word = "\\fI" escaped(word) "\\fR"
    else word = "\\fB" escaped(word) "\\fR"
    result = result (i > 1 ? " " : "") word
  }
  return result
}

function synopsis(text,   name) {
  name = page
  gsub(/-/, " ", name)
  sub(/^ +/, "", text)
  if (index(text, name) == 1) text = "\\fB" escaped(name) "\\fR" escaped(substr(text, length(name) + 1))
  else text = escaped(text)
  return ".HP\n" text
}

BEGIN { state = "overview"; abstract = ""; body = ""; examples = ""; usage = ""; sections = "" }

/^OVERVIEW: / { abstract = substr($0, 11); next }
state == "overview" && /^$/ { state = "discussion"; next }
state == "overview" { abstract = abstract " " $0; next }

/^USAGE: / { state = "usage"; usage = synopsis(substr($0, 8)) "\n"; next }
state == "usage" && /^ / { usage = usage synopsis($0) "\n"; next }

/^[A-Z][A-Z ,]*:$/ {
  title = substr($0, 1, length($0) - 1)
  state = title == "SUBCOMMANDS" ? "subcommands" : "items"
  sections = sections ".SH " (title == "SUBCOMMANDS" ? "COMMANDS" : "\"" title "\"") "\n"
  next
}

state == "discussion" && /^Examples?:$/ { state = "examples"; next }
state == "examples" && /^$/ { state = "discussion"; next }
state == "examples" { examples = examples escaped(substr($0, 3)) "\n"; next }
state == "discussion" && /^ / {
  body = body (listing ? "" : ".nf\n") escaped($0) "\n"
  listing = 1
  next
}
state == "discussion" {
  if (listing) body = body ".fi\n"
  listing = 0
  body = body ($0 == "" ? ".PP" : escaped($0)) "\n"
  next
}

state == "items" || state == "subcommands" {
  if ($0 ~ /^  See '/) next
  if ($0 ~ /^  [^ ]/) {
    # The description begins in column 27, or on the next line behind a head that reaches so far.
    line = substr($0, 3)
    if (!match(line, /  +/) && line !~ /^[^ ]+( <[^>]*>)?$/) { RSTART = 24; RLENGTH = 1 }
    if (RSTART > 0) {
      sections = sections ".TP\n" head(substr(line, 1, RSTART - 1)) "\n"
      sections = sections escaped(substr(line, RSTART + RLENGTH)) "\n"
    } else sections = sections ".TP\n" head(line) "\n"
    if (state == "subcommands") { split(line, words, " "); see = see page "-" words[1] "\n" }
  } else if ($0 !~ /^ *$/) {
    sub(/^ +/, "")
    sections = sections escaped($0) "\n"
  }
}

END {
  sub(/\.$/, "", abstract)
  abstract = tolower(substr(abstract, 1, 1)) substr(abstract, 2)
  printf ".TH \"%s\" 1 \"\" \"vision %s\"\n", toupper(escaped(page)), version
  printf ".SH NAME\n%s \\- %s\n", escaped(page), escaped(abstract)
  printf ".SH SYNOPSIS\n%s", usage
  if (listing) body = body ".fi\n"
  sub(/(\.PP\n)+$/, "", body)
  if (body != "") printf ".SH DESCRIPTION\n%s", body
  printf "%s", sections
  printf ".SH \"EXIT STATUS\"\n"
  printf ".TP\n0\nAll was done.\n.TP\n1\nSome inputs failed; each is named on standard error.\n"
  printf ".TP\n2\nThe run could not go on.\n.TP\n64\nThe command line is wrong.\n"
  printf ".SH ENVIRONMENT\n"
  printf ".TP\n.B VISION_MODELS\nFolders, separated by colons, in which models are looked for, and nowhere else.\n"
  printf ".TP\n.B VISION_CPU\nx86\\-64, x86\\-64\\-v3 or x86\\-64\\-v4: the highest level of the processor that is used, where it has more.\n"
  printf ".TP\n.B NO_COLOR\nWhere set, nothing is colored in a terminal.\n"
  if (examples != "") printf ".SH EXAMPLES\n.nf\n%s.fi\n", examples
  parent = page
  if (sub(/-[a-z]*$/, "", parent)) see = parent "\n" see
  count = split(see, others, "\n")
  if (count > 1) {
    printf ".SH \"SEE ALSO\"\n"
    for (i = 1; i < count; i++) printf ".BR %s (1)%s\n", escaped(others[i]), i < count - 1 ? " ," : ""
  }
}
