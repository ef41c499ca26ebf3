import Glibc

/// An advisory lock on a file that the kernel lets go when its holder ends, however it ends.
public struct FileLock: ~Copyable, Sendable {
  private let descriptor: FileDescriptor
  private let path: String

  private init(descriptor: consuming FileDescriptor, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  /// The file goes with the lock. Whoever opened it meanwhile finds, once it has the lock, that the path names another
  /// file or none, and starts over.
  deinit {
    Self.removeName(descriptor.raw, path: path)
  }

  public static let usualAdvice = "stop that one or use another instance name"

  /// Takes the lock at `path`, creating the file.
  ///
  /// - Parameters:
  ///   - holder: who may have it, for the error.
  ///   - advice: what to do then, for the error.
  /// - Throws: `SystemError` with EWOULDBLOCK when another process holds it.
  public static func take(
    path: String, holder: String, advice: String = Self.usualAdvice
  ) throws(SystemError) -> FileLock {
    FileLock(descriptor: try taken(path: path, holder: holder, advice: advice), path: path)
  }

  /// Takes the lock in a folder where everybody may put files.
  ///
  /// - Throws: `ForeignObject` when what has the name is not this user's; `SystemError` as `take`.
  public static func takeOwn(path: String, holder: String) throws -> FileLock {
    var foreign: ForeignObject?
    do {
      let descriptor = try taken(path: path, holder: holder, advice: usualAdvice) { raw in
        foreign = ForeignObject(descriptor: raw, path: path)
        return foreign == nil
      }
      return FileLock(descriptor: descriptor, path: path)
    } catch {
      if let foreign = foreign ?? ForeignObject(path: path) { throw foreign }
      throw error
    }
  }

  /// Takes the lock for whoever keeps it by its descriptor's number, and ends it by `letGo`.
  public static func takeDescriptor(path: String, holder: String, advice: String) throws(SystemError) -> Int32 {
    try taken(path: path, holder: holder, advice: advice).release()
  }

  /// Lets go of a lock that `takeDescriptor` gave.
  public static func letGo(_ descriptor: Int32, path: String) {
    removeName(descriptor, path: path)
    File.close(descriptor)
  }

  /// Is the file that is held still the one at `path`, so that nobody else can have the lock?
  public static func isHeld(_ descriptor: Int32, path: String) -> Bool {
    var held = stat()
    var named = stat()
    return fstat(descriptor, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino
      && held.st_dev == named.st_dev
  }

  /// - Parameter isBelieved: is asked about the open file before anything is done to it.
  private static func taken(
    path: String, holder: String, advice: String, isBelieved: (Int32) -> Bool = { _ in true }
  ) throws(SystemError) -> FileDescriptor {
    while true {
      let raw = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard raw >= 0 else { throw SystemError.last("open the lock \(path)") }
      let descriptor = FileDescriptor(owning: raw)
      guard isBelieved(raw) else { throw SystemError("lock \(path)", code: EPERM) }
      guard flock(raw, LOCK_EX | LOCK_NB) == 0 else {
        throw SystemError.last("lock \(path)", advice: "\(holder) holds it; \(advice)")
      }
      if isHeld(raw, path: path) {
        writeHolder(to: raw)
        return descriptor
      }
    }
  }

  /// Unless the name is another's by now.
  private static func removeName(_ descriptor: Int32, path: String) {
    if isHeld(descriptor, path: path) { unlink(path) }
  }

  /// The process that holds the lock at `path`, as far as can be told.
  public static func holderID(path: String) -> Int32? {
    Int32(TextFile.head(path).prefix { $0.isNumber })
  }

  /// For people who find the lock taken; the lock itself does not need it.
  private static func writeHolder(to descriptor: Int32) {
    let text = "\(getpid())\n"
    ftruncate(descriptor, 0)
    _ = pwrite(descriptor, text, text.utf8.count, 0)
  }
}
