import LogMessages
import Logging
import Platform

/// Sees to it that a user runs one dispatcher of an instance. The lock lies beside the rings, where everybody may put files:
/// what others put there, whatever its name, keeps no dispatcher from starting.
package struct InstanceLock: ~Copyable {
  private let lock: FileLock
  /// What there was under names of the instance when the lock had been taken.
  package let names: SharedMemory.Listing

  private static let suffix = ".lock"

  /// - Throws: `SystemError` when another dispatcher of this user holds it.
  package static func take(_ instance: String, _ log: Logger) throws -> InstanceLock {
    let holder = "another dispatcher of the instance \(instance)"
    let prefix = "/ringmaster.\(instance)"
    var name = prefix + suffix
    var lock: FileLock?
    while lock == nil {
      do {
        lock = .some(try FileLock.takeOwn(path: "/dev/shm\(name)", holder: holder))
      } catch let foreign as ForeignObject {
        log.tell(foreign)
        name = "\(prefix).\(String(try Machine.randomKey(), radix: 16))\(suffix)"
      }
    }
    // Whoever has another name because this one was taken, then, is found by it; what is left of one that was killed goes.
    let names = PeerRings.list(instance: instance)
    for other in names.own where other.hasSuffix(suffix) && other != name {
      _ = try FileLock.takeOwn(path: "/dev/shm\(other)", holder: holder)
    }
    return InstanceLock(lock: lock.take()!, names: names)
  }
}

extension Logger {
  package func tell(_ foreign: ForeignObject) {
    tell(.foreignObject, [.cause: "\(foreign)", .file: "\(foreign.path)", .uid: "\(foreign.owner)"])
  }
}
