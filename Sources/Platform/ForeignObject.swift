import CPlatform
import Glibc

/// What has one of our names in a folder where everybody may put files, and is another user's, or others can change it.
public struct ForeignObject: Error, Hashable, Sendable, CustomStringConvertible {
  public let path: String
  public let owner: UInt32
  /// What speaks against it: "belongs to user 1000".
  public let problem: String
  /// The one that speaks against it is the owner, whom this user knows nothing of.
  public let isOfAnotherUser: Bool

  /// Looks at an open file, never at its name: that may be another's by now.
  ///
  /// - Parameter owners: whom to believe beside this user and root.
  /// - Returns: nil when it can be believed.
  init?(descriptor: Int32, path: String, owners: Set<UInt32> = []) {
    var info = stat()
    guard fstat(descriptor, &info) == 0 else { return nil }
    self.init(info, path: path, owners: owners)
  }

  /// Looks at what has a name, for what could not be opened.
  init?(path: String, owners: Set<UInt32> = []) {
    var info = stat()
    guard lstat(path, &info) == 0 else { return nil }
    self.init(info, path: path, owners: owners)
  }

  private init?(_ info: stat, path: String, owners: Set<UInt32>) {
    let isTrusted = info.st_uid == geteuid() || info.st_uid == 0 || owners.contains(info.st_uid)
    if !isTrusted {
      problem = "belongs to user \(info.st_uid)"
    } else if info.st_mode & S_IFMT != S_IFREG {
      problem = "is no regular file"
    } else if info.st_mode & (S_IWGRP | S_IWOTH) != 0 {
      problem = "can be written to by others, with mode \(String(info.st_mode & 0o7777, radix: 8))"
    } else if info.st_nlink != 1 {
      problem = "has \(info.st_nlink) names"
    } else {
      return nil
    }
    self.path = path
    owner = info.st_uid
    isOfAnotherUser = !isTrusted
  }

  public var description: String {
    "\(path) \(problem), and is not used: see who put it there, and remove it"
  }
}

extension File {
  /// There is something, or may be, that this user may not read.
  public static func isForbidden(_ path: String) -> Bool {
    faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) != 0 && errno == EACCES
  }

  /// Who owns what has a name; nil when there is nothing.
  public static func owner(_ path: String) -> UInt32? {
    var info = stat()
    return lstat(path, &info) == 0 ? info.st_uid : nil
  }
}

extension SharedMemory {
  private static func path(_ name: String) -> String { "/dev/shm\(name)" }

  /// Opens an object, and looks at what was opened before anything in it is believed.
  static func openBelieved(name: String, writable: Bool, owners: Set<UInt32>) throws -> FileDescriptor {
    let raw = rm_shm_open(name, writable ? 1 : 0)
    guard raw >= 0 else {
      if let foreign = ForeignObject(path: path(name), owners: owners) { throw foreign }
      throw SystemError("open shared memory \(name)", code: -raw)
    }
    let descriptor = FileDescriptor(owning: raw)
    if let foreign = ForeignObject(descriptor: raw, path: path(name), owners: owners) { throw foreign }
    return descriptor
  }

  /// Of names, those that are not this user's: they are not touched.
  public static func foreign(among names: [String]) -> [ForeignObject] {
    names.compactMap { name in
      isOwn(name) ? nil : ForeignObject(path: path(name))
    }
  }

  /// Is what has this name an object of this user?
  public static func isOwn(_ name: String) -> Bool {
    var info = stat()
    return lstat(path(name), &info) == 0 && info.st_uid == geteuid()
  }
}
