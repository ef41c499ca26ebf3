# ringmaster.toml(5), from "ringctl config show --json". Arguments: version and date for the footer; text, before the settings.
def escaped: gsub("\\\\"; "\\e") | gsub("…"; "...") | gsub("-"; "\\-");
def line: escaped | if test("^[.']") then "\\&" + . else . end;
def value: if type == "string" then "\"\(.)\"" else tojson end;
( ".TH \"RINGMASTER.TOML\" 5 \"\($date)\" \"Ringmaster \($version)\" \"Ringmaster\"", ".nh", ".ad l", $text,
  (.settings | group_by(.key | split(".")[0])[]
   | ".SH \"[\(.[0].key | split(".")[0] | escaped)]\"",
     (.[] | ".TP", "\\fB\(.key | split(".")[1:] | join(".") | escaped)\\fR", (.meaning | line), ".br",
            ("Expected: \(.expected)\(if .unit then " (\(.unit))" else "" end). Default: \(.default | value).\(if .reloadable then "" else " Read at the start only." end)" | line))),
  ".SH SEE ALSO", "\\fBringmasterd\\fR(8),", "\\fBringmaster\\-archive\\fR(8),", "\\fBringctl\\-config\\fR(1),", "\\fBringmaster\\fR(7)" )
