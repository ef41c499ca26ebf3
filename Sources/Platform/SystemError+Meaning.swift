import Glibc

/// What callers decide by, so that they need no error numbers.
extension SystemError {
  /// There is no such file, or nobody listens at it.
  public var meansNobodyThere: Bool {
    [ENOENT, ENOTDIR, ECONNREFUSED].contains(code)
  }

  /// Somebody listens, and accepts no connection.
  public var meansNobodyAccepts: Bool {
    code == ETIMEDOUT
  }

  /// This user may not.
  public var meansForbidden: Bool {
    [EACCES, EPERM].contains(code)
  }

  /// Something has that name already.
  public var meansTaken: Bool {
    code == EEXIST
  }

  /// Whoever read what was written is gone.
  public var meansNoReader: Bool {
    code == EPIPE
  }

  /// The file system, or this user's share of it, is full.
  public var meansNoSpace: Bool {
    [ENOSPC, EDQUOT].contains(code)
  }

  /// The disk, or the way to it, does not do what it must.
  public var meansBrokenDisk: Bool {
    [EIO, EROFS, ENODEV, ENXIO].contains(code)
  }

  /// There is no memory or no descriptor left for now.
  public var meansExhausted: Bool {
    [EMFILE, ENFILE, ENOMEM].contains(code)
  }

  /// Another holds the lock.
  public var meansLocked: Bool {
    code == EWOULDBLOCK
  }
}

extension SystemError {
  /// What was being written is not where it was.
  public static func removed(_ path: String) -> SystemError {
    SystemError(
      "write into \(path), which was removed or replaced", code: ESTALE, advice: "restore it, then start again")
  }

  public var meansRemoved: Bool { code == ESTALE }

  /// A write that was neither refused nor done.
  public static func nothingWritten(at offset: Int) -> SystemError {
    SystemError("write at \(offset): the file system took nothing", code: EIO)
  }
}
