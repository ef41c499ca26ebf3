import CRingmaster
import Platform

/// Reads the counter pages of other processes, whatever state those are in.
///
/// Needs the user that the page's process runs as, or root, or one of those that were let read it.
public enum CounterPageReader {
  /// - Parameter owners: whose page it may be, beside this user's and root's: anybody can make one.
  /// - Throws: `CounterPageError`; `SystemError` (ENOENT: there is no such page); `ForeignObject` when there is only one of
  ///   somebody else.
  public static func read(
    instance: String, process: String, owners: Set<UInt32> = []
  ) throws -> CounterSnapshot {
    let usualName = try CounterPageLayout.objectName(instance: instance, process: process)
    do {
      return try read(usualName, process: process, owners: owners)
    } catch let foreign as ForeignObject {
      for name in try CounterPageLayout.names(instance: instance, process: process) where name != usualName {
        if let snapshot = try? read(name, process: process, owners: owners) { return snapshot }
      }
      throw foreign
    }
  }

  private static func read(_ name: String, process: String, owners: Set<UInt32>) throws -> CounterSnapshot {
    try SharedMemory.installTruncationGuard()
    let memory = try SharedMemory.open(name: name, writable: false, guarded: true, owners: owners)
    let page = UntrustedCounterPage(name: name, base: UnsafeRawPointer(memory.base), size: memory.size)
    let snapshot = Result { try page.snapshot(process: process) }
    guard !memory.isPoisoned else { throw page.damaged(expected: "a whole page", found: "one cut short") }
    return try snapshot.get()
  }

  /// The processes of an instance that have a page, in order of their names.
  public static func processes(instance: String) throws -> [String] {
    let prefix = try CounterPageLayout.prefix(instance: instance)
    return Set(
      SharedMemory.names(prefix: prefix).compactMap { CounterPageLayout.process(ofObject: $0, prefix: prefix) }
    ).sorted()
  }

  /// All readable pages of an instance, in order of their processes' names. One that is damaged, gone or another user's
  /// is left out; `read` says why.
  public static func all(instance: String) -> [CounterSnapshot] {
    let processes = (try? processes(instance: instance)) ?? []
    return processes.compactMap { try? read(instance: instance, process: $0) }
  }
}
