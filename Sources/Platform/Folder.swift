import Glibc

/// What is done to a folder and the names in it.
public enum Folder {
  /// The names in it, sorted, without `.` and `..`.
  public static func names(in path: String) throws(SystemError) -> [String] {
    guard let directory = opendir(path) else { throw SystemError.last("list \(path)") }
    defer { closedir(directory) }
    return names(in: directory).sorted()
  }

  private static func names(in directory: OpaquePointer) -> [String] {
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  /// Makes `path` a folder of mode 0700 unless it is one. A new one is on the medium when this returns.
  public static func ensure(_ path: String) throws(SystemError) {
    guard mkdir(path, 0o700) == 0 else {
      if errno == EEXIST { return }
      throw SystemError.last("create the folder \(path)")
    }
    try sync("\(path)/..")
  }

  /// Gives a file another name in the same file system, in the place of one that has it.
  public static func rename(_ path: String, to newPath: String) throws(SystemError) {
    guard Glibc.rename(path, newPath) == 0 else { throw SystemError.last("rename \(path) to \(newPath)") }
  }

  /// Removes a file; one that does not exist is no error.
  public static func removeFile(_ path: String) throws(SystemError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw SystemError.last("remove \(path)") }
  }

  /// Removes a folder with everything in it, as far as this user may. Follows no links; one in the place of the folder goes.
  public static func removeTree(_ path: String) {
    guard unlink(path) != 0, errno == EISDIR else { return }
    removeTree(path, in: AT_FDCWD)
  }

  private static func removeTree(_ path: String, in parent: Int32) {
    let raw = openat(parent, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard raw >= 0 else { return }
    guard let directory = fdopendir(raw) else {
      close(raw)
      return
    }
    for name in names(in: directory) {
      if unlinkat(raw, name, 0) != 0, errno == EISDIR { removeTree(name, in: raw) }
    }
    closedir(directory)
    unlinkat(parent, path, AT_REMOVEDIR)
  }

  /// Is it a folder, and no link to one?
  public static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  public static func fileExists(_ path: String) -> Bool {
    access(path, F_OK) == 0
  }

  /// Returns once the names in the folder are on the medium.
  public static func sync(_ path: String) throws(SystemError) {
    let raw = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard raw >= 0 else { throw SystemError.last("open the folder \(path)") }
    let folder = FileDescriptor(owning: raw)
    guard fsync(folder.raw) == 0 else { throw SystemError.last("sync the folder \(path)") }
  }
}
