import Glibc

/// What there is in the folder of shared memory, where everybody may put files under any names.
extension SharedMemory {
  /// What there is under names with one beginning.
  public struct Listing: Sendable {
    /// This user's, in order.
    public var own: [String] = []
    /// Others', in no order, as far as they were looked at.
    public var foreign: [String] = []
    /// There is more that was not looked at.
    public var isCut = false
  }

  /// The names (with their leading slash) of all objects whose name begins with `prefix`.
  public static func names(prefix: String) -> [String] {
    var found: [String] = []
    visit(prefix: prefix) { name, _ in
      found.append("/" + String(cString: name))
      return true
    }
    return found.sorted()
  }

  /// Behind so many files of other users no more are looked at: whoever puts them there by the million must not take up the
  /// time of who starts.
  public static let foreignLimit = 1 << 16

  public static func list(prefix: String, foreignLimit: Int = Self.foreignLimit) -> Listing {
    var listing = Listing()
    let user = geteuid()
    visit(prefix: prefix) { name, folder in
      var info = stat()
      guard fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 else { return true }
      if info.st_uid == user {
        listing.own.append("/" + String(cString: name))
      } else if listing.foreign.count < foreignLimit {
        listing.foreign.append("/" + String(cString: name))
      } else {
        listing.isCut = true
      }
      return !listing.isCut
    }
    listing.own.sort()
    return listing
  }

  /// - Parameter visitor: gets a name without its slash, and the folder; returns whether to go on.
  private static func visit(prefix: String, _ visitor: (UnsafePointer<CChar>, Int32) -> Bool) {
    guard let directory = opendir("/dev/shm") else { return }
    defer { closedir(directory) }
    let beginning = String(prefix.dropFirst())
    let length = beginning.utf8.count
    while let entry = readdir(directory) {
      let goesOn = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        tuple.withMemoryRebound(to: CChar.self, capacity: 256) { name in
          strncmp(name, beginning, length) != 0 || visitor(name, dirfd(directory))
        }
      }
      guard goesOn else { return }
    }
  }
}
