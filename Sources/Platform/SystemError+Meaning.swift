import Glibc

/// What callers decide by, so that they need no error numbers.
extension SystemError {
  /// There is no such file, or nobody listens at it.
  public var meansNobodyThere: Bool {
    [ENOENT, ENOTDIR, ECONNREFUSED].contains(code)
  }

  /// This user may not.
  public var meansForbidden: Bool {
    [EACCES, EPERM].contains(code)
  }

  /// Whoever read what was written is gone.
  public var meansNoReader: Bool {
    code == EPIPE
  }
}
