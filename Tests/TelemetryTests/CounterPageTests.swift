import Platform
import Telemetry
import Testing

@Suite struct CounterPageTests {
  @Test func aReaderSeesWhatTheWriterCounted() throws {
    let instance = uniqueInstance()
    let page = try CounterPage.create(instance: instance, process: "writer", labels: TestCounter.self)
    let counters = page.counters(TestCounter.self)
    counters[.handled].increment()
    counters[.handled].add(41)
    counters[.dropped].increment()
    counters[.depth].set(9)
    counters[.depth].set(7)

    let snapshot = try CounterPageReader.read(instance: instance, process: "writer")
    #expect(snapshot.process == "writer")
    #expect(snapshot.pid == Machine.processID())
    #expect(snapshot.isAlive)
    #expect(snapshot.counters.map(\.label) == ["events_handled", "events_dropped", "queue_depth"])
    #expect(snapshot.counters.map(\.value) == [42, 1, 7])
    #expect(snapshot["queue_depth"] == 7)
    #expect(snapshot["no_such_counter"] == nil)
    #expect(counters[.handled].value == 42)
  }

  @Test func everyCounterHasItsOwnPlace() throws {
    let labels = (0..<255).map { "counter_\($0)" }
    let instance = uniqueInstance()
    let page = try CounterPage.create(instance: instance, process: "writer", labels: labels)
    for index in labels.indices { page.counter(at: index).set(UInt64(index) + 1) }
    let snapshot = try CounterPageReader.read(instance: instance, process: "writer")
    #expect(snapshot.counters.map(\.label) == labels)
    #expect(snapshot.counters.map(\.value) == (1...255).map { UInt64($0) })
  }

  @Test func aSetOfOneCaseWorks() throws {
    let instance = uniqueInstance()
    let page = try CounterPage.create(instance: instance, process: "writer", labels: LoneCounter.self)
    page.counters(LoneCounter.self)[.only].add(3)
    #expect(try CounterPageReader.read(instance: instance, process: "writer")["the_only_one"] == 3)
  }

  @Test func aSetAndItsPageAgreeOnThePlaces() throws {
    let page = try CounterPage.create(instance: uniqueInstance(), process: "writer", labels: TestCounter.self)
    let counters = page.counters(TestCounter.self)
    for (index, label) in TestCounter.allCases.enumerated() {
      counters[label].set(UInt64(index) + 100)
      #expect(page.counter(at: index).value == UInt64(index) + 100)
    }
  }

  @Test func aCounterWrapsAroundInsteadOfTrapping() throws {
    let page = try CounterPage.create(instance: uniqueInstance(), process: "writer", labels: LoneCounter.self)
    let counter = page.counter(at: 0)
    counter.set(.max)
    counter.increment()
    #expect(counter.value == 0)
  }

  @Test func lettingThePageGoRemovesItsName() throws {
    let instance = uniqueInstance()
    let name = objectName(instance: instance)
    do {
      let page = try CounterPage.create(instance: instance, process: "writer", labels: TestCounter.self)
      #expect(page.name == name)
      #expect(SharedMemory.names(prefix: name) == [name])
    }
    #expect(SharedMemory.names(prefix: name).isEmpty)
  }

  @Test func aCounterOutlivesItsPage() throws {
    let counter: Counter
    do {
      let page = try CounterPage.create(instance: uniqueInstance(), process: "writer", labels: LoneCounter.self)
      counter = page.counter(at: 0)
    }
    counter.add(5)
    #expect(counter.value == 5)
  }

  @Test func aKeptPageStaysReadable() throws {
    let instance = uniqueInstance()
    defer { SharedMemory.unlink(name: objectName(instance: instance)) }
    do {
      let page = try CounterPage.create(
        instance: instance, process: "writer", labels: TestCounter.self, keepsName: true)
      page.counter(at: 0).set(12)
    }
    #expect(try CounterPageReader.read(instance: instance, process: "writer")["events_handled"] == 12)
  }

  @Test func aNewPageReplacesALeftover() throws {
    let instance = uniqueInstance()
    do {
      let leftover = try CounterPage.create(
        instance: instance, process: "writer", labels: ["old_a", "old_b"], keepsName: true)
      leftover.counter(at: 1).set(99)
    }
    let page = try CounterPage.create(instance: instance, process: "writer", labels: TestCounter.self)
    let snapshot = try CounterPageReader.read(instance: instance, process: "writer")
    #expect(snapshot.counters.map(\.label) == TestCounter.allCases.map(\.rawValue))
    #expect(snapshot.counters.allSatisfy { $0.value == 0 })
    #expect(page.count == 3)
  }

  @Test func aPageTakenOverByAnotherProcessIsNotRemoved() throws {
    let instance = uniqueInstance()
    let name = objectName(instance: instance)
    defer { SharedMemory.unlink(name: name) }
    do {
      let page = try CounterPage.create(instance: instance, process: "writer", labels: TestCounter.self)
      try withWritablePage(page.name) { $0.storeBytes(of: 1, toByteOffset: PageOffset.pid, as: UInt32.self) }
    }
    #expect(SharedMemory.names(prefix: name) == [name])
  }

  @Test(arguments: ["", "a.b", "a/b", "ünit", "with space", String(repeating: "x", count: 32)])
  func aNameThatCannotBePartOfAnObjectNameIsRefused(name: String) {
    #expect(throws: CounterPageError.invalidName(name, role: "process", maxBytes: 31)) {
      _ = try CounterPage.create(instance: "test", process: name, labels: ["a"])
    }
  }

  @Test(arguments: ["", "two\nlines", "nul\0", String(repeating: "é", count: 28)])
  func aLabelThatDoesNotFitIsRefused(label: String) {
    #expect(throws: CounterPageError.invalidLabel(label, maxBytes: 55)) {
      _ = try CounterPage.create(instance: "test", process: "writer", labels: ["fine", label])
    }
  }

  @Test func labelsMustDifferAndBeNeitherNoneNorTooMany() {
    #expect(throws: CounterPageError.duplicateLabel("a")) {
      _ = try CounterPage.create(instance: "test", process: "writer", labels: ["a", "b", "a"])
    }
    #expect(throws: CounterPageError.invalidCount(0, max: 255)) {
      _ = try CounterPage.create(instance: "test", process: "writer", labels: [String]())
    }
    #expect(throws: CounterPageError.invalidCount(256, max: 255)) {
      _ = try CounterPage.create(instance: "test", process: "writer", labels: (0..<256).map { "c\($0)" })
    }
  }
}
