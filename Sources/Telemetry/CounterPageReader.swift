import CRingmaster
import Platform

/// Reads the counter pages of other processes, whatever state those are in.
///
/// Needs the user that the page's process runs as, or root, or one of those that were let read it.
public enum CounterPageReader {
  /// - Throws: `CounterPageError`, or `SystemError` (ENOENT: there is no such page).
  public static func read(instance: String, process: String) throws -> CounterSnapshot {
    let name = try CounterPageLayout.objectName(instance: instance, process: process)
    try SharedMemory.installTruncationGuard()
    let memory = try SharedMemory.open(name: name, writable: false, guarded: true)
    let page = UntrustedCounterPage(name: name, base: UnsafeRawPointer(memory.base), size: memory.size)
    let snapshot = Result { try page.snapshot(process: process) }
    guard !memory.isPoisoned else { throw page.damaged(expected: "a whole page", found: "one cut short") }
    return try snapshot.get()
  }

  /// The processes of an instance that have a page, in order of their names.
  public static func processes(instance: String) throws -> [String] {
    let prefix = try CounterPageLayout.prefix(instance: instance)
    return SharedMemory.names(prefix: prefix).compactMap { CounterPageLayout.process(ofObject: $0, prefix: prefix) }
  }

  /// All readable pages of an instance, in order of their processes' names. One that is damaged, gone or another user's
  /// is left out; `read` says why.
  public static func all(instance: String) -> [CounterSnapshot] {
    let processes = (try? processes(instance: instance)) ?? []
    return processes.compactMap { try? read(instance: instance, process: $0) }
  }
}
