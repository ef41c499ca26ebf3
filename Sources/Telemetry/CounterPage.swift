import CRingmaster
import Platform

/// The counters of one process, in a shared-memory object that can be read while the process hangs or after it was
/// killed.
///
/// One process writes a page. Letting the page go removes its name, so that only a process that was killed leaves one
/// behind; the counters taken from it stay valid.
public struct CounterPage: ~Copyable, @unchecked Sendable {
  /// Of the shared-memory object, with the leading slash.
  public let name: String
  public let count: Int
  private let base: UnsafeMutableRawPointer
  private let keepsName: Bool

  private init(name: String, count: Int, base: UnsafeMutableRawPointer, keepsName: Bool) {
    self.name = name
    self.count = count
    self.base = base
    self.keepsName = keepsName
  }

  /// Whether pages can be named after `instance`, to be asked before anything else is named after it.
  ///
  /// - Throws: `CounterPageError` that says what such a name may be.
  public static func checkInstance(_ instance: String) throws {
    _ = try CounterPageLayout.prefix(instance: instance)
  }

  /// Makes the page `/ringmaster.<instance>.<process>.counters` with all counters at 0, in place of one that an earlier
  /// process left behind.
  ///
  /// - Parameters:
  ///   - instance: at most 64 letters, digits, '-', '_' or '@'.
  ///   - process: the same, at most 31.
  ///   - labels: 1 to 255, each different and at most 55 bytes of printable UTF-8.
  ///   - keepsName: leaves the page readable after a clean exit too.
  /// - Throws: `CounterPageError`, or `SystemError` when there is no room for it.
  public static func create(
    instance: String,
    process: String,
    labels: [String],
    keepsName: Bool = false
  ) throws -> CounterPage {
    var name = try CounterPageLayout.objectName(instance: instance, process: process)
    try check(labels)
    for old in try CounterPageLayout.names(instance: instance, process: process) { SharedMemory.unlink(name: old) }
    let size = CounterPageLayout.offset(ofCounter: labels.count)
    var memory = try makeObject(&name, size: size)
    memory.closeDescriptor()
    let base = memory.base
    keepMapped(memory)
    describe(base, process: process, labels: labels)
    return CounterPage(name: name, count: labels.count, base: base, keepsName: keepsName)
  }

  /// Under the usual name, or, where another user has put something there, under one that nobody can know beforehand.
  private static func makeObject(_ name: inout String, size: Int) throws -> SharedMemory {
    do {
      return try SharedMemory.create(name: name, size: size, guarded: false)
    } catch let error as SystemError where error.meansTaken {
      name = CounterPageLayout.name(name, key: try Machine.randomKey())
      return try SharedMemory.create(name: name, size: size, guarded: false)
    }
  }

  deinit {
    if !keepsName && Self.isOwn(name) { SharedMemory.unlink(name: name) }
  }

  /// Lets `readers` read this page, in the place of those who could before.
  ///
  /// - Throws: `SystemError`, where /dev/shm keeps no access lists or a reader does not exist. The page is as it was then.
  public func letRead(_ readers: CounterReaders) throws {
    try SharedMemory.letRead(name: name, users: readers.users, groups: readers.groups)
  }

  /// The same of a page of this user's, by the names it was made with.
  public static func letRead(_ readers: CounterReaders, instance: String, process: String) throws {
    for name in try CounterPageLayout.ownNames(instance: instance, process: process) {
      try SharedMemory.letRead(name: name, users: readers.users, groups: readers.groups)
    }
  }

  /// The counter of the label at `index`. Valid until the process ends.
  public func counter(at index: Int) -> Counter {
    precondition(index >= 0 && index < count, "counter \(index) of a page of \(count)")
    return Counter(address: base + CounterPageLayout.offset(ofCounter: index))
  }

  private static func check(_ labels: [String]) throws {
    guard (1...CounterPageLayout.maxCounters).contains(labels.count) else {
      throw CounterPageError.invalidCount(labels.count, max: CounterPageLayout.maxCounters)
    }
    var seen: Set<String> = []
    for label in labels {
      guard CounterPageLayout.isLabel(label) else {
        throw CounterPageError.invalidLabel(label, maxBytes: CounterPageLayout.maxLabelBytes)
      }
      guard seen.insert(label).inserted else { throw CounterPageError.duplicateLabel(label) }
    }
  }

  /// Counters are handed out without an owner, so the mapping must never go.
  private static func keepMapped(_ memory: consuming SharedMemory) {
    UnsafeMutablePointer<SharedMemory>.allocate(capacity: 1).initialize(to: memory)
  }

  private static func describe(_ base: UnsafeMutableRawPointer, process: String, labels: [String]) {
    store(process, at: base + CounterPageLayout.processOffset)
    for (index, label) in labels.enumerated() {
      store(label, at: base + CounterPageLayout.offset(ofCounter: index) + CounterPageLayout.labelOffset)
    }
    rm_store_relaxed_u32(base + CounterPageLayout.pidOffset, UInt32(bitPattern: Machine.processID()))
    rm_store_relaxed_u32(base + CounterPageLayout.abiVersionOffset, RM_ABI_VERSION)
    // Pair with the acquiring loads in `CounterPageReader`: who sees the magic sees all of the above.
    rm_store_release_u32(base + CounterPageLayout.countOffset, UInt32(labels.count))
    rm_store_release_u64(base + CounterPageLayout.magicOffset, UInt64(RM_COUNTERS_MAGIC))
  }

  /// The object is fresh and so full of zeros: the NUL is there already.
  private static func store(_ text: String, at address: UnsafeMutableRawPointer) {
    for (offset, byte) in text.utf8.enumerated() {
      address.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
    }
  }

  /// A process that lingers must not remove the page of the one that took its place.
  private static func isOwn(_ name: String) -> Bool {
    guard let memory = try? SharedMemory.open(name: name, writable: false, guarded: false) else { return false }
    guard memory.size >= CounterPageLayout.headerBytes else { return false }
    return rm_load_relaxed_u32(memory.base + CounterPageLayout.pidOffset) == UInt32(bitPattern: Machine.processID())
  }
}
