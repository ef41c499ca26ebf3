import CRingmaster
import Dispatcher
import DispatcherSettings
import EventBus
import EventModel
import Glibc
import Journal
import Platform
import Synchronization

/// Ends this process with SIGKILL at the n-th passage of one place, and leaves the place's name behind.
///
/// Exists in the torture's own dispatcher alone: nothing in a ringmasterd can arm one.
final class FailPoint: Sendable {
  private let end: PlannedEnd
  private let note: EndNote
  private let passages = Atomic<Int>(0)

  init(_ end: PlannedEnd, note: EndNote) {
    self.end = end
    self.note = note
  }

  /// The parts of a dispatcher with this fail point in them.
  func parts() throws -> DispatcherParts {
    var parts = DispatcherParts()
    switch end.place {
    case .afterRead: parts.bus.add(SlotWatch(failPoint: self))
    case .midCascade:
      let timer = try CascadeTimer(us: end.cascadeUs, firstCascade: end.passage, note: note)
      parts.bus.add(CascadeBegin(timer: timer))
      parts.bus.add(CascadeEnd(timer: timer), priority: .max)
    case .beforeWrite, .midWrite, .afterWrite, .beforeSync, .afterSync, .failedSync: parts.journalCalls = fileCalls()
    case .beforePublish, .afterPublish:
      let watched = end.place == .beforePublish ? Passage.publishingResult : .publishedResult
      parts.passing = { if $0 == watched { self.pass() } }
    case .dispatcher, .ingest, .archive, .client, .udp: throw TortureError("\(end.place) is no fail point")
    }
    return parts
  }

  private var isDue: Bool {
    passages.add(1, ordering: .relaxed).newValue == end.passage
  }

  func pass() {
    if isDue { note.endProcess(at: end.place) }
  }

  private static let sectorBytes = 512

  private func fileCalls() -> JournalFileCalls {
    let system = JournalFileCalls.system
    var calls = system
    let place = end.place
    calls.write = { (descriptor, first, second, offset) throws(SystemError) in
      if place == .beforeWrite { self.pass() }
      if place == .midWrite, self.isDue {
        // As a kernel does it that is interrupted: whole sectors of it are there.
        let end = (offset + first.count + second.count / 2) / Self.sectorBytes * Self.sectorBytes
        let count = max(end - offset, 0)
        let head = UnsafeRawBufferPointer(rebasing: first[..<min(count, first.count)])
        let body = UnsafeRawBufferPointer(rebasing: second[..<max(count - first.count, 0)])
        if count > 0 { _ = try system.write(descriptor, head, body, offset) }
        self.note.endProcess(at: place)
      }
      let written = try system.write(descriptor, first, second, offset)
      if place == .afterWrite { self.pass() }
      return written
    }
    calls.syncData = { (descriptor) throws(SystemError) in
      if place == .beforeSync { self.pass() }
      if place == .failedSync, self.isDue {
        self.note.write(place)
        throw SystemError("sync", code: EIO)
      }
      try system.syncData(descriptor)
      if place == .afterSync { self.pass() }
    }
    return calls
  }
}

/// Tells the torture at which fail point a dispatcher ended itself.
final class EndNote: Sendable {
  private let file: MappedFile

  init(_ file: MappedFile) {
    self.file = file
  }

  /// The place; nil when it ended in another way.
  var place: KillPlace? {
    let number = Int(rm_load_acquire_u64(file.base))
    return number == 0 ? nil : KillPlace.allCases[number - 1]
  }

  func write(_ place: KillPlace) {
    rm_store_release_u64(file.base, UInt64(KillPlace.allCases.firstIndex(of: place)! + 1))
  }

  func erase() {
    rm_store_release_u64(file.base, 0)
  }

  func endProcess(at place: KillPlace) {
    write(place)
    kill(getpid(), SIGKILL)
  }
}

/// Passed by every event between its slot and the state machine.
private struct SlotWatch: Middleware {
  let name = "slot-watch"
  let failPoint: FailPoint

  func process(_ event: Event) -> Event? {
    failPoint.pass()
    return event
  }
}
