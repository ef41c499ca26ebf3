import CPlatform
import Glibc

/// A POSIX shared-memory object mapped into this process.
///
/// Owns the mapping and its SIGBUS guard, not the name: an object lives until `unlink` and the last mapping goes.
public struct SharedMemory: ~Copyable, @unchecked Sendable {
  public let base: UnsafeMutableRawPointer
  /// Bytes mapped.
  public let size: Int
  /// Of the object, to pass to another process; nil once closed.
  public private(set) var descriptor: FileDescriptor?
  private let guardIndex: Int32

  private init(base: UnsafeMutableRawPointer, size: Int, descriptor: consuming FileDescriptor, guardIndex: Int32) {
    self.base = base
    self.size = size
    self.descriptor = consume descriptor
    self.guardIndex = guardIndex
  }

  private static func map(
    _ descriptor: consuming FileDescriptor,
    size: Int,
    writable: Bool,
    guarded: Bool,
    name: String
  ) throws -> SharedMemory {
    let protection = writable ? PROT_READ | PROT_WRITE : PROT_READ
    let mapped = mmap(nil, size, protection, MAP_SHARED, descriptor.raw, 0)
    guard let mapped, mapped != MAP_FAILED else { throw SystemError.last("map \(size) bytes of \(name)") }
    let guardIndex = guarded ? rm_guard_add(mapped, size) : -1
    if guarded && guardIndex < 0 {
      munmap(mapped, size)
      throw SystemError("guard the mapping of \(name)", code: -guardIndex, advice: "detach a peer first")
    }
    return SharedMemory(base: mapped, size: size, descriptor: descriptor, guardIndex: guardIndex)
  }

  deinit {
    rm_guard_remove(guardIndex)
    munmap(base, size)
  }

  /// A peer cut the object short under the mapping: what is read from it now is zeros.
  public var isPoisoned: Bool {
    rm_guard_is_poisoned(guardIndex) != 0
  }

  /// Creates an object that must not exist yet, all its pages reserved, mode 0600.
  public static func create(name: String, size: Int, guarded: Bool) throws -> SharedMemory {
    let raw = try checked(
      rm_shm_create(name, UInt64(size)),
      "create shared memory \(name) of \(size) bytes",
      advice: "check the free space of /dev/shm and for a leftover object of that name"
    )
    do {
      return try map(
        FileDescriptor(owning: raw),
        size: size,
        writable: true,
        guarded: guarded,
        name: name
      )
    } catch {
      unlink(name: name)
      throw error
    }
  }

  /// Maps an object received from another process, whole.
  public static func map(_ descriptor: consuming FileDescriptor, writable: Bool, guarded: Bool) throws -> SharedMemory {
    var info = stat()
    guard fstat(descriptor.raw, &info) == 0 else { throw SystemError.last("size a received memory object") }
    guard info.st_size > 0, info.st_size <= 1 << 32 else {
      throw SystemError("map a received memory object of \(info.st_size) bytes", code: EINVAL)
    }
    return try map(
      descriptor,
      size: info.st_size,
      writable: writable,
      guarded: guarded,
      name: "a received object"
    )
  }

  /// Opens an object by name and maps it whole.
  ///
  /// - Parameter owners: whose it may be beside this user's and root's.
  /// - Throws: `ForeignObject` when it is another's, or others can write to it; `SystemError`.
  public static func open(
    name: String, writable: Bool, guarded: Bool, owners: Set<UInt32> = []
  ) throws -> SharedMemory {
    try map(openBelieved(name: name, writable: writable, owners: owners), writable: writable, guarded: guarded)
  }

  /// Memory without a name, whose size nobody can change: no holder of its descriptor can cut it short.
  public static func anonymous(size: Int) throws -> SharedMemory {
    let descriptor = FileDescriptor(owning: try checked(rm_memfd("ringmaster"), "create anonymous memory"))
    guard ftruncate(descriptor.raw, size) == 0 else { throw SystemError.last("size anonymous memory") }
    _ = try checked(rm_seal_size(descriptor.raw), "seal anonymous memory")
    return try map(
      descriptor,
      size: size,
      writable: true,
      guarded: false,
      name: "anonymous memory"
    )
  }

  /// Memory without a name that this process alone can write to, by this mapping, whoever gets its descriptor.
  public static func broadcast(size: Int) throws -> SharedMemory {
    let descriptor = FileDescriptor(owning: try checked(rm_memfd("ringmaster"), "create anonymous memory"))
    guard ftruncate(descriptor.raw, size) == 0 else { throw SystemError.last("size anonymous memory") }
    let memory = try map(descriptor, size: size, writable: true, guarded: false, name: "anonymous memory")
    switch memory.descriptor {
    case .some(let descriptor): _ = try checked(rm_seal_writing(descriptor.raw), "seal anonymous memory")
    case .none: break
    }
    return memory
  }

  /// The mapping stays when the descriptor is no longer needed.
  public mutating func closeDescriptor() {
    descriptor = nil
  }

  /// Lets users and members of groups open an object of this user's for reading; nobody else but this user may, whoever
  /// could before.
  ///
  /// - Throws: `SystemError`: ENOTSUP where the file system keeps no access lists; EINVAL, an id that does not exist in
  ///   this process's user namespace.
  public static func letRead(name: String, users: Set<UInt32>, groups: Set<UInt32>) throws {
    let descriptor = try openBelieved(name: name, writable: false, owners: [])
    let (users, groups) = (users.sorted(), groups.sorted())
    _ = try checked(
      rm_let_read(descriptor.raw, users, users.count, groups, groups.count), "let others read \(name)")
  }

  /// Removes the name of an object of this user; one that does not exist, or is another's, is no error.
  public static func unlink(name: String) {
    if isOwn(name) { _ = rm_shm_unlink(name) }
  }

  /// Makes a truncated object under any guarded mapping an event of that mapping instead of the end of the process.
  public static func installTruncationGuard() throws {
    _ = try checked(rm_guard_install(), "install the SIGBUS handler")
  }
}
