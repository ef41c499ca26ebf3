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
