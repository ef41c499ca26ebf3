/// The version of the programs.
public enum ProgramVersion {
  /// Of this source; systemd/version reads it here.
  public static let number = "0.9.0"

  /// What was installed: the file `version` beside the executable has it with the commit. Else the source's number.
  public static var text: String {
    let installed = Machine.sibling("version")
    let line = TextFile.head(installed).prefix { !$0.isNewline }
    return line.isEmpty ? number : String(line)
  }
}
