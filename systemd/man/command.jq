# Man pages of one program, from what it says of itself (PROGRAM --experimental-dump-help).
# In: that object. Out: an object a page: {"name": "ringctl-submit.1", "text": "..."}.
# Arguments: section; version and date for the footer; seealso, pages such as "ringctl(1) ringmaster(7)".

# Groff takes ASCII, and everything else by its code point.
def hex_digits: if . < 16 then [.] else (. / 16 | floor | hex_digits) + [. % 16] end;
def code_point: hex_digits | map(. as $digit | "0123456789ABCDEF"[$digit:$digit + 1]) | join("")
  | if length < 4 then "0" * (4 - length) + . else . end | "\\[u" + . + "]";
def escaped: explode | map(if . > 126 then code_point elif . == 92 then "\\e" else [.] | implode end) | join("");
def literal: escaped | gsub("-"; "\\-");
def quoted: escaped | gsub("\""; "\\(dq") | "\"" + . + "\"";
# Running text; a line that begins like a request is none, and the hyphens of options can be copied.
def line: escaped | gsub("--"; "\\-\\-") | gsub("(?<before>^|[ (\"])-"; "\(.before)\\-")
  | if test("^[.']") then "\\&" + . else . end;
def text: split("\n\n") | map(gsub("\n"; " ") | line) | join("\n.PP\n");

def names: [.names[] | "\\fB" + if .kind == "short" then "\\-" else "\\-\\-" end + (.name | literal) + "\\fR"] | join(", ");
def placeholder: "\\fI" + (.valueName | literal) + "\\fR";
def term: if .kind == "positional" then placeholder elif .kind == "flag" then names else names + " " + placeholder end;
# Values that the abstract lists already, or that have no names, are left out; so is a default that it tells.
def values: (.abstract // "") as $abstract | (.allValues // []) as $values
  | if .kind == "flag" or ($values | length == 0 or all(test("^[0-9]+$"))) or ($abstract | contains($values[0])) then empty
    else "One of " + ($values | join(", ")) + "." end;
def default: if .kind == "flag" or (.defaultValue | not) or (.abstract // "" | contains("(default:")) then empty
  else "Default: " + .defaultValue end;
def entries: map(".TP\n" + term + "\n" + ([.abstract // empty, values, default] | map(line) | join("\n.br\n"))) | join("\n");

def arguments: [(.arguments // [])[] | select(.shouldDisplay)];
def positionals: [arguments[] | select(.kind == "positional")];
def options: [arguments[] | select(.kind != "positional")];
def commands: [(.subcommands // [])[] | select(.shouldDisplay and .commandName != "help")];

def ellipsis: " .\\|.\\|.\\&";
def usage($words):
  ["\\fB" + ($words | map(literal) | join(" ")) + "\\fR"]
  + [options | map(select(.isOptional | not))[] | term]
  + [options | select(any(.isOptional and .valueName != "help")) | "[\\fIoption\\fR" + ellipsis + "]"]
  + [positionals[] | (placeholder + if .isRepeating then ellipsis else "" end) as $it
     | if .isOptional then "[" + $it + "]" else $it end]
  + [commands | select(length > 0) | "\\fIcommand\\fR [\\fIargument\\fR" + ellipsis + "]"]
  | join("\n");
def description: [(.abstract, .discussion) // empty | text] | join("\n.PP\n");

# The commands of a program have pages of their own; what is below these has its place in their page.
def program_commands($program): commands | select(length > 0)
  | ".SH COMMANDS", (.[] | ".TP\n\\fB" + ($program + "-" + .commandName | literal) + "\\fR(" + $section + ")\n" + (.abstract | line));
def nested_commands($words): commands | select(length > 0)
  | ".SH COMMANDS", (.[] | ($words + [.commandName]) as $below
    | ".SS " + ($below[1:] | join(" ") | quoted), usage($below), ".PP", description,
      (positionals + [options[] | select(.valueName != "help")] | select(length > 0) | entries));

def page($words; commands):
  ($words | join("-")) as $name
  | { name: "\($name).\($section)",
      text: ([ ".TH \($name | ascii_upcase | quoted) \($section) \"\($date)\" \("Ringmaster " + $version | quoted)",
               ".nh", ".ad l",
               ".SH NAME", ($name | literal) + " \\- " + (.abstract | rtrimstr(".") | line),
               ".SH SYNOPSIS", usage($words),
               ".SH DESCRIPTION", description,
               (positionals | select(length > 0) | ".SH ARGUMENTS", entries),
               (options | select(length > 0) | ".SH OPTIONS", entries),
               commands,
               ".SH SEE ALSO",
               ($seealso | split(" ") | map(select(. != "\($name)(\($section))") | capture("(?<page>.*)(?<section>\\(.\\))")
                 | "\\fB" + (.page | literal) + "\\fR" + .section) | join(",\n")) ]
             | join("\n") + "\n") };

.command | .commandName as $program
| page([$program]; program_commands($program)),
  (commands[] | [$program, .commandName] as $words | page($words; nested_commands($words)))
