import Glibc
import Journal
import Platform
import Testing

@Suite struct WriterLockTests {
  /// Why the lock cannot be had; nil when it can.
  private static func refusal(_ folder: String) -> JournalError? {
    do throws(JournalError) {
      let lock = try JournalLock.take(folder: folder)
      expect(lock.folder == folder)
      return nil
    } catch {
      return error
    }
  }

  @Test func aSecondWriterIsRefusedByTheFirstOnesID() throws {
    let journal = try TestJournal()
    var writer = try journal.open()
    let refusal = Self.refusal(journal.folder)
    guard case .locked(let folder, let holder) = refusal else {
      Issue.record("two writers have the lock: \(String(describing: refusal))")
      return
    }
    #expect(folder == journal.folder && holder == getpid())
    #expect("\(JournalError.locked(folder: folder, holder: holder))".contains("process \(getpid())"))
    var committer = writer.committer()
    expect(committer.turn() == .idle)
  }

  /// What is written into a file that has no name is gone when the process ends, and who has another's lock is not alone.
  @Test(arguments: ["folder", "lock", "segment"])
  func nothingIsPromisedOnceItWasRemoved(_ what: String) throws {
    let journal = try TestJournal()
    var writer = try journal.open()
    var appender = writer.appender()
    var committer = writer.committer()
    try appender.turn([sampleRecord(1)])
    expect(committer.turn() == .committed)
    switch what {
    case "folder": TemporaryFolder.removeAll(in: journal.folder)
    case "lock": unlink("\(journal.folder)/journal.lock")
    default: unlink(try journal.segmentPaths[0])
    }
    try appender.turn([sampleRecord(2)])
    expect(committer.turn() == .failed)
    expect(appender.durable == 2 && appender.status == .failed)
    expect(appender.failure.map { "\($0)".contains(journal.folder) } == true)
  }

  /// Whoever has the lock now keeps it when the one that lost it ends.
  @Test func aLockThatIsAnothersByNowStays() throws {
    let journal = try TestJournal()
    do {
      let first = try JournalLock.take(folder: journal.folder)
      unlink("\(journal.folder)/journal.lock")
      let second = try JournalLock.take(folder: journal.folder)
      do { _ = consume first }
      #expect(Self.refusal(journal.folder) != nil)
      expect(second.folder == journal.folder)
    }
    #expect(Self.refusal(journal.folder) == nil)
  }

  @Test func theLockGoesWithTheCommitter() throws {
    let journal = try TestJournal()
    do {
      var writer = try journal.open()
      var committer = writer.committer()
      #expect(Self.refusal(journal.folder) != nil)
      expect(committer.turn() == .idle)
    }
    #expect(Self.refusal(journal.folder) == nil)
  }
}
