import CRingmaster
import Glibc
import Platform
import SeededRandom
import Telemetry
import Testing

/// Byte offsets as `ringmaster.h` lays them out, written down a second time so that a moved field is noticed.
enum PageOffset {
  static let magic = 0
  static let abiVersion = 8
  static let count = 12
  static let pid = 16
  static let process = 24
  static let firstLabel = 72
}

@Suite struct CounterPageReaderTests {
  @Test func aMissingPageIsAnErrorOfTheSystem() {
    let error = #expect(throws: SystemError.self) {
      try CounterPageReader.read(instance: uniqueInstance(), process: "writer")
    }
    #expect(error?.code == ENOENT)
  }

  @Test func aPageOfAKilledProcessIsReadable() async throws {
    let instance = uniqueInstance()
    defer { SharedMemory.unlink(name: objectName(instance: instance)) }
    await #expect(processExitsWith: .signal(SIGKILL)) { [instance = instance as String] in
      let page = try CounterPage.create(instance: instance, process: "writer", labels: TestCounter.self)
      page.counters(TestCounter.self)[.handled].add(1234)
      kill(getpid(), SIGKILL)
      #expect(page.count == 3)
    }
    let snapshot = try CounterPageReader.read(instance: instance, process: "writer")
    #expect(snapshot["events_handled"] == 1234)
    #expect(snapshot.pid != Machine.processID())
    #expect(!snapshot.isAlive)
  }

  @Test func aProcessOfAnotherUserCountsAsAlive() throws {
    let instance = uniqueInstance()
    defer { SharedMemory.unlink(name: objectName(instance: instance)) }
    let page = try CounterPage.create(instance: instance, process: "writer", labels: TestCounter.self)
    try withWritablePage(page.name) { $0.storeBytes(of: 1, toByteOffset: PageOffset.pid, as: UInt32.self) }
    #expect(try CounterPageReader.read(instance: instance, process: "writer").isAlive)
  }

  @Test func allPagesOfAnInstanceAreFoundAndNoOthers() throws {
    let instance = uniqueInstance()
    let second = try CounterPage.create(instance: instance, process: "ingest-udp", labels: TestCounter.self)
    let first = try CounterPage.create(instance: instance, process: "dispatcher", labels: LoneCounter.self)
    let other = try CounterPage.create(instance: instance + "-2", process: "dispatcher", labels: LoneCounter.self)
    let ring = "/ringmaster.\(instance).17.in"
    let garbage = objectName(instance: instance, process: "broken")
    let memory = try SharedMemory.create(name: ring, size: 4096, guarded: false)
    let zeros = try SharedMemory.create(name: garbage, size: 4096, guarded: false)
    defer {
      SharedMemory.unlink(name: ring)
      SharedMemory.unlink(name: garbage)
    }
    first.counter(at: 0).set(1)
    second.counter(at: 0).set(2)
    other.counter(at: 0).set(3)

    let snapshots = CounterPageReader.all(instance: instance)
    #expect(snapshots.map(\.process) == ["dispatcher", "ingest-udp"])
    #expect(snapshots.map { $0.counters[0].value } == [1, 2])
    #expect(try CounterPageReader.processes(instance: instance) == ["broken", "dispatcher", "ingest-udp"])
    #expect(memory.size == zeros.size)
  }

  @Test func anInstanceWithoutPagesHasNone() {
    #expect(CounterPageReader.all(instance: uniqueInstance()).isEmpty)
    #expect(CounterPageReader.all(instance: "no/instance").isEmpty)
  }

  /// Each of these alone makes the page unreadable.
  static let damages: [(offset: Int, bytes: [UInt8])] = [
    (PageOffset.magic, [0]),
    (PageOffset.count, [0, 0, 0, 0]),
    (PageOffset.count, [4, 0, 0, 0]),
    (PageOffset.count, [0xff, 0xff, 0xff, 0xff]),
    (PageOffset.pid, [0, 0, 0, 0]),
    (PageOffset.pid, [0xff, 0xff, 0xff, 0xff]),
    (PageOffset.process, Array("reader\0".utf8)),
    (PageOffset.process, [UInt8](repeating: 0x61, count: 32)),
    (PageOffset.firstLabel, [0]),
    (PageOffset.firstLabel, [0xc3, 0x28, 0]),
    (PageOffset.firstLabel, Array("\u{1b}[2J\0".utf8)),
    (PageOffset.firstLabel, [UInt8](repeating: 0x61, count: 56)),
  ]

  @Test(arguments: damages.indices)
  func aDamagedPageIsRefused(index: Int) throws {
    let instance = uniqueInstance() + "-\(index)"
    defer { SharedMemory.unlink(name: objectName(instance: instance)) }
    let page = try CounterPage.create(instance: instance, process: "writer", labels: TestCounter.self)
    #expect(try CounterPageReader.read(instance: instance, process: "writer").counters.count == 3)
    let (offset, bytes) = Self.damages[index]
    try withWritablePage(page.name) { ($0 + offset).copyMemory(from: bytes, byteCount: bytes.count) }
    let error = #expect(throws: CounterPageError.self) {
      try CounterPageReader.read(instance: instance, process: "writer")
    }
    guard case .damaged(page.name, _, _) = error else {
      Issue.record("expected damage, got \(String(describing: error))")
      return
    }
  }

  @Test func aPageOfAnotherVersionIsNotDamaged() throws {
    let instance = uniqueInstance()
    defer { SharedMemory.unlink(name: objectName(instance: instance)) }
    let page = try CounterPage.create(instance: instance, process: "writer", labels: TestCounter.self)
    for version in [UInt32(1), 99] {
      try withWritablePage(page.name) {
        $0.storeBytes(of: version, toByteOffset: PageOffset.abiVersion, as: UInt32.self)
      }
      let error = #expect(throws: CounterPageError.self) {
        try CounterPageReader.read(instance: instance, process: "writer")
      }
      guard case .otherVersion(let other) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(other.found == version && other.subject.hasSuffix(page.name) && other.isNewer == (version == 99))
    }
  }

  @Test(arguments: [1, 63, 64, 65, 128, 4096])
  func randomBytesAreNeverAPage(size: Int) throws {
    let instance = uniqueInstance() + "-\(size)"
    let name = objectName(instance: instance)
    let memory = try SharedMemory.create(name: name, size: size, guarded: false)
    defer { SharedMemory.unlink(name: name) }
    let seed = UInt64(size) &* 0x9e37_79b9_7f4a_7c15
    var generator = SeededGenerator(seed: seed)
    for round in 0..<200 {
      for offset in 0..<size {
        memory.base.storeBytes(of: UInt8(truncatingIfNeeded: generator.next()), toByteOffset: offset, as: UInt8.self)
      }
      // Past the first check every second time.
      if size >= 64 && round % 2 == 0 {
        memory.base.storeBytes(of: UInt64(RM_COUNTERS_MAGIC), as: UInt64.self)
        memory.base.storeBytes(of: RM_ABI_VERSION, toByteOffset: PageOffset.abiVersion, as: UInt32.self)
      }
      #expect(throws: CounterPageError.self, "seed \(seed), round \(round)") {
        try CounterPageReader.read(instance: instance, process: "writer")
      }
    }
  }

  @Test func anEmptyObjectIsRefused() throws {
    let instance = uniqueInstance()
    let name = objectName(instance: instance)
    let memory = try SharedMemory.create(name: name, size: 64, guarded: false)
    defer { SharedMemory.unlink(name: name) }
    #expect(truncate("/dev/shm" + name, 0) == 0)
    #expect(memory.size == 64)
    #expect(throws: SystemError.self) { try CounterPageReader.read(instance: instance, process: "writer") }
  }
}
