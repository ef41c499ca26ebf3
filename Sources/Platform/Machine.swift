import CPlatform
import Glibc

/// Small facts about the process and machine.
public enum Machine {
  public static func yield() {
    sched_yield()
  }

  /// Lets all other work go before the calling thread's.
  public static func lowerThreadPriority() {
    // On Linux it is about the thread alone.
    _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
  }

  public static func processID() -> Int32 {
    getpid()
  }

  /// Whether a process of this number exists; it may be another than the one meant.
  public static func processExists(_ pid: Int32) -> Bool {
    // EPERM: it is there and belongs to somebody else.
    kill(pid, 0) == 0 || errno != ESRCH
  }

  /// The number of a group given by its name or its number; nil when there is none of that name.
  public static func groupID(_ text: String) -> UInt32? {
    if let number = UInt32(text) { return number }
    return getgrnam(text).map { $0.pointee.gr_gid }
  }

  /// The same of a user.
  public static func userID(_ text: String) -> UInt32? {
    if let number = UInt32(text) { return number }
    return getpwnam(text).map { $0.pointee.pw_uid }
  }

  /// The name of a user; its number when there is none of that number.
  public static func userName(_ id: UInt32) -> String {
    getpwuid(id).map { String(cString: $0.pointee.pw_name) } ?? "\(id)"
  }

  public static func effectiveUserID() -> UInt32 {
    geteuid()
  }

  /// Bytes from the kernel's random number generator.
  public static func randomBytes(_ count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = try checked(rm_random_bytes(&bytes, count), "get \(count) random bytes")
    precondition(got == count, "up to 256 bytes come whole")
    return bytes
  }

  /// What nobody can guess.
  public static func randomKey() throws -> UInt64 {
    try randomBytes(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The path of the running executable.
  public static func executablePath() -> String {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : CommandLine.arguments[0]
  }

  /// The path of a program that lies in the folder of this one; it need not be there.
  public static func sibling(_ name: String) -> String {
    executablePath().split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/" + name
  }

  /// Lets this process open as many files as it may, and not only as many as is usual.
  public static func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  /// How many files this process may have open.
  public static func descriptorLimit() -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
    return Int(clamping: limit.rlim_cur)
  }

  /// Has this process keep the memory it frees, up to `bytes`, large blocks too: a page that the kernel took back costs a
  /// fault of a microsecond when it is needed again. Call once, before the threads that allocate.
  public static func keepFreedMemory(bytes: Int) {
    rm_keep_freed_memory(bytes)
  }
}
