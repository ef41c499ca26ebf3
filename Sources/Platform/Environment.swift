import Glibc

/// What this process was told by the one that started it.
public enum Environment {
  /// The variable's value; nil when it is not set.
  public static func value(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  /// Whether `path` is a program that this user may run.
  public static func isExecutable(_ path: String) -> Bool {
    access(path, X_OK) == 0
  }
}
