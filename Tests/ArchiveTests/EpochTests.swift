import Controller
import EventModel
import JournalTestSupport
import Platform
import SQLite
import Testing

@testable import Archive
@testable import Journal

/// A journal that is not what the archive has taken over: it goes on, and keeps what it has.
@Suite struct EpochTests {
  /// The files of a journal as they are now.
  struct Copy {
    private let files: [(name: String, bytes: [UInt8])]

    init(_ folder: String) throws {
      files = try Folder.names(in: folder).filter { $0.hasSuffix(".rmj") || $0.hasSuffix(".rms") }.map {
        ($0, try readFile("\(folder)/\($0)"))
      }
    }

    func restore(_ folder: String) throws {
      for name in try Folder.names(in: folder) { try Folder.removeFile("\(folder)/\(name)") }
      for file in files { try writeFile("\(folder)/\(file.name)", file.bytes) }
    }
  }

  private func query(_ test: TestArchive, _ sql: String) throws -> [String] {
    try SQLiteConnection.open(test.database(), .readOnly).lines(sql)
  }

  private static let alive = """
    SELECT name, state FROM jobs WHERE pruned_ms IS NULL UNION ALL SELECT name, '' FROM workers WHERE lost_ms IS NULL
    """

  private func catchUp(_ test: TestArchive) throws {
    var archive = try test.open()
    try archive.catchUp()
  }

  /// Nobody has started a dispatcher on it yet, or one has gone on with it: both ways nothing of the old history goes, and
  /// the new one is whole.
  @Test(arguments: [false, true], [61, 62, 63, 64] as [UInt64])
  func aJournalThatLostItsEndIsGoneOnWith(goesOnFirst: Bool, seed: UInt64) throws {
    let beginsEpoch = seed % 2 == 0
    let test = try TestArchive()
    var copy: Copy?
    var common: UInt64 = 0
    var old: [Transaction] = []
    do {
      var journal = try SimulatedJournal.begin(in: test.folder, seed: seed)
      try journal.advance(steps: 300)
      copy = try Copy(test.folder)
      common = journal.position.lastTransaction
      try journal.advance(steps: 300)
      old = journal.history.transactions
    }
    try catchUp(test)
    try copy?.restore(test.folder)
    if !goesOnFirst {
      try catchUp(test)
      try catchUp(test)
    }
    var journal = try SimulatedJournal.resume(in: test.folder, seed: seed + 100, beginsEpoch: beginsEpoch)
    try journal.advance(steps: 400)
    try catchUp(test)
    try journal.advance(steps: 100)
    try catchUp(test)

    #expect(
      try query(test, "SELECT id, generation_base > 0, cause, superseded_after FROM epochs")
        == ["0|0|first|\(common)", "1|1|lost_tail|"] + (beginsEpoch ? ["2|1|start|"] : []), "seed \(seed)")
    var history = try ArchiveHistory.open(test.database())
    var entries: [ArchiveHistory.Entry] = []
    try history.forEach(ArchiveHistory.Filter()) { entries.append($0) }
    #expect(entries.filter { $0.epoch.generationBase == 0 }.map(\.transaction) == old, "seed \(seed)")
    #expect(
      entries.filter { $0.epoch.generationBase > 0 }.map(\.transaction) == journal.history.transactions, "seed \(seed)")
    #expect(entries.filter(\.isSuperseded).count == old.count - Int(common), "seed \(seed)")
    #expect(entries.map(\.id) == entries.map(\.id).sorted())

    // What is there now is as an archive has it that has seen nothing else.
    var control = try test.open("control")
    try control.catchUp()
    #expect(
      try query(test, Self.alive)
        == SQLiteConnection.open(test.database("control"), .readOnly).lines(Self.alive), "seed \(seed)")
    // And it stays so.
    #expect(try query(test, "SELECT count(*) FROM epochs") == [beginsEpoch ? "3" : "2"])
  }

  /// A dispatcher went past damage in what is archived already: its state is another, and the archive follows it.
  @Test(arguments: 68...70 as ClosedRange<UInt64>) func aSalvagedJournalIsGoneOnWith(seed: UInt64) throws {
    let test = try TestArchive()
    var old: [Transaction] = []
    do {
      var journal = try SimulatedJournal.begin(in: test.folder, seed: seed)
      try journal.advance(steps: 400)
      old = journal.history.transactions
    }
    try catchUp(test)
    var reader = try JournalReader.open(folder: test.folder, mode: .recover)
    var commits: [JournalCommit] = []
    _ = try reader.findEnd { commits.append($0) }
    let damaged = commits[commits.count * 3 / 4]
    var bytes = try readFile(damaged.file)
    bytes[Int(damaged.offset) + 200] ^= 0x55
    try writeFile(damaged.file, bytes)
    var journal = try SimulatedJournal.resume(in: test.folder, seed: seed + 100, salvages: true)
    try journal.advance(steps: 200)
    var archive = try test.open()
    try archive.catchUp()
    expect(archive.position == journal.position, "seed \(seed)")
    expect(archive.stateHash == journal.history.state.stateHash, "seed \(seed)")
    var history = try ArchiveHistory.open(test.database())
    var entries: [ArchiveHistory.Entry] = []
    try history.forEach(ArchiveHistory.Filter()) { entries.append($0) }
    #expect(entries.filter { $0.epoch.index == 0 }.map(\.transaction) == old, "seed \(seed)")
    let new = entries.filter { $0.epoch.index > 0 }.map(\.transaction)
    for (archived, happened) in zip(new, journal.history.transactions) where archived != happened {
      let (left, right) = (archived, happened)
      Issue.record(
        """
        seed \(seed): archived \(left.event) \(String(describing: left.subject)) \(left.actions) \(left.tasksToKill), \
        happened \(right.event) \(String(describing: right.subject)) \(right.actions) \(right.tasksToKill)
        """)
      break
    }
    #expect(new.count == journal.history.transactions.count, "seed \(seed)")
    #expect(
      try query(test, "SELECT count(*) FROM workers WHERE lost_ms IS NULL")
        == ["\(journal.history.state.totals.workers)"], "seed \(seed)")
  }

  /// A name is found in each life, a handle too, and numbers in both.
  @Test func bothHistoriesAreFoundByNameByHandleAndByNumber() throws {
    let test = try TestArchive()
    var copy: Copy?
    do {
      var journal = try SimulatedJournal.begin(in: test.folder, seed: 64)
      try journal.advance(steps: 200)
      copy = try Copy(test.folder)
      try journal.advance(steps: 200)
    }
    try catchUp(test)
    try copy?.restore(test.folder)
    var journal = try SimulatedJournal.resume(in: test.folder, seed: 164)
    try journal.advance(steps: 300)
    try catchUp(test)
    var history = try ArchiveHistory.open(test.database())
    expect(history.isAmbiguous)
    let newest = journal.position.lastTransaction
    var filter = ArchiveHistory.Filter()
    (filter.after, filter.upTo) = (newest - 20, newest - 10)
    var found: [ArchiveHistory.Entry] = []
    try history.forEach(filter) { found.append($0) }
    let first = found.filter { $0.epoch.generationBase == 0 }.map(\.transaction.number)
    #expect(found.filter { $0.epoch.generationBase > 0 }.map(\.transaction.number) == Array(newest - 19...newest - 10))
    #expect(first.allSatisfy { (newest - 19...newest - 10).contains($0) })

    for name in try query(test, "SELECT DISTINCT name FROM workers") {
      let ids = try history.ids(of: .worker(.name(name)))
      var expected = Set<String>()
      for id in ids {
        expected.formUnion(try query(test, "SELECT transaction_id FROM worker_transactions WHERE worker = \(id)"))
      }
      filter = ArchiveHistory.Filter()
      filter.entity = .worker(.name(name))
      filter.pageRows = 7
      var forward: [UInt64] = []
      try history.forEach(filter) { forward.append($0.id) }
      #expect(Set(forward.map { "\($0)" }) == expected && forward == forward.sorted(), "\(name)")
      var backward: [UInt64] = []
      try history.forEachNewestFirst(filter) {
        backward.append($0.id)
        return true
      }
      #expect(backward == forward.reversed(), "\(name)")
      filter.limit = 5
      var newest: [UInt64] = []
      try history.forEach(filter) { newest.append($0.id) }
      #expect(newest == forward.suffix(5), "\(name)")
      for id in ids {
        let epoch = try #require(history.epochs.last { $0.generationBase << 32 <= id })
        let handle = WorkerHandle(rawValue: epoch.handle(ofEntity: id))
        #expect(try history.ids(of: .worker(.handle(handle))).contains(id), "\(name)")
      }
    }
  }

  /// Times that are asked for are found in each life as by looking at every row.
  @Test func timesAreFoundInEachLife() throws {
    let test = try TestArchive()
    var copy: Copy?
    do {
      var journal = try SimulatedJournal.begin(in: test.folder, seed: 65)
      try journal.advance(steps: 150)
      copy = try Copy(test.folder)
      try journal.advance(steps: 150)
    }
    try catchUp(test)
    try copy?.restore(test.folder)
    var journal = try SimulatedJournal.resume(in: test.folder, seed: 165)
    try journal.advance(steps: 150)
    try catchUp(test)
    var history = try ArchiveHistory.open(test.database())
    let times = try query(test, "SELECT DISTINCT time_ms FROM transactions").compactMap { Int64($0) }.sorted()
    for since in stride(from: 0, to: times.count, by: 9).map({ times[$0] }) {
      for until in [since, since + 1, times[times.count / 2], times[times.count - 1], .max] {
        var filter = ArchiveHistory.Filter()
        (filter.sinceMs, filter.untilMs) = (since, until)
        var found: [String] = []
        try history.forEach(filter) { found.append("\($0.id)") }
        let expected = try query(test, "SELECT id FROM transactions WHERE time_ms BETWEEN \(since) AND \(until)")
        #expect(found.sorted() == expected, "\(since) to \(until)")
      }
    }
  }

  @Test func anotherJournalIsAdoptedWhenThatIsAskedFor() throws {
    let test = try TestArchive()
    let other = try TestArchive()
    var old: [Transaction] = []
    do {
      var journal = try SimulatedJournal.begin(in: test.folder, seed: 66)
      try journal.advance(steps: 200)
      old = journal.history.transactions
    }
    try catchUp(test)
    var another = try SimulatedJournal.begin(in: other.folder, seed: 67)
    try another.advance(steps: 200)
    var configuration = test.configuration()
    configuration.journalFolder = other.folder
    #expect(throws: ArchiveError.self) { _ = try test.open(configuration).position }
    configuration.adopts = true
    do {
      var archive = try test.open(configuration)
      try archive.catchUp()
    }
    // Once.
    configuration.adopts = false
    try another.advance(steps: 100)
    var archive = try test.open(configuration)
    try archive.catchUp()
    expect(archive.position == another.position)
    var history = try ArchiveHistory.open(test.database())
    var entries: [ArchiveHistory.Entry] = []
    try history.forEach(ArchiveHistory.Filter()) { entries.append($0) }
    #expect(entries.filter { $0.epoch.cause == .first }.map(\.transaction) == old)
    #expect(entries.filter { $0.epoch.cause == .otherJournal }.map(\.transaction) == another.history.transactions)
    #expect(entries.allSatisfy { !$0.isSuperseded })
    #expect(
      try query(test, "SELECT count(*) FROM workers WHERE lost_ms IS NULL")
        == ["\(another.history.state.totals.workers)"])
  }
}
