/// What this program was started with, as bytes.
public enum ProgramArguments {
  /// The number of the first argument that is not UTF-8, in which Swift's own list has other characters; nil when all are.
  public static var firstNotUTF8: Int? {
    (0..<Int(CommandLine.argc)).first { index in
      CommandLine.unsafeArgv[index].map { String(validatingCString: $0) == nil } ?? false
    }
  }
}
