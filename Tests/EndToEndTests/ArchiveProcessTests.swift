import Glibc
import Testing

extension EndToEndTests {
  /// A dispatcher, its archive and those who read it, as real processes.
  @Suite struct ArchiveProcessTests {
    private static func registration(_ number: Int) -> String {
      #"{"type":"WORKER_REGISTERED","worker_id":"w\#(number)","address":"a:1","metadata":{"cpu":64}}"#
    }

    private static func submission(_ job: String, replicas: Int) -> String {
      #"{"type":"JOB_SUBMITTED","job_id":"\#(job)","request":{"replicas":\#(replicas)}}"#
    }

    private static func report(_ task: String, attempt: Int, _ state: String) -> String {
      #"{"type":"TASK_STATE_CHANGED","task_id":"\#(task)","attempt_id":\#(attempt),"new_state":"\#(state)"}"#
    }

    private struct Place {
      let journal: String
      let database: String
      let follow: [String]

      init(_ bench: Workbench) {
        journal = bench.path("journal")
        database = bench.path("archive.sqlite")
        follow = ["--journal", journal, "--database", database]
      }
    }

    private func startDispatcher(_ bench: Workbench, _ place: Place) throws -> ChildProcess {
      try bench.startDispatcher(settings: ["[journal]", "directory = \"\(place.journal)\""])
    }

    /// Takes over what is missing and ends.
    private func catchUp(_ bench: Workbench, _ place: Place) throws -> JSON {
      let archive = try bench.run("ringmaster-archive", place.follow + ["--once", "--json"])
      #expect(archive.exit == .code(0), "\(archive.errors)")
      return try JSON(parsing: archive.output)
    }

    private func query(_ bench: Workbench, _ database: String, _ sql: String) throws -> [String] {
      let query = try bench.run("ringctl", ["query", sql, "--database", database, "--json"])
      #expect(query.exit == .code(0), "\(query.errors)")
      return query.outputLines
    }

    /// Started before there is a journal, read while it follows, and stopped as a service is.
    @Test func theArchiveFollowsTheDispatcher() throws {
      try Workbench.run { bench in
        let place = Place(bench)
        let archive = try bench.start("ringmaster-archive", place.follow)
        try bench.wait("the archive waits") { archive.errors.contains("waiting for a journal") }
        _ = try startDispatcher(bench, place)
        try bench.publish(Self.registration(1), Self.submission("train", replicas: 2))
        try bench.wait("the tasks are placed") {
          try query(bench, place.database, "SELECT 1 FROM tasks WHERE state = 'ASSIGNED'").count == 2
        }
        try bench.publish(Self.report("train/task-0", attempt: 0, "RUNNING"))
        let cancel = try bench.ringctl("cancel", "train", "-m", "wrong data")
        #expect(cancel.exit == .code(0), "\(cancel.errors)")
        try bench.wait("the cancellation is archived") {
          try query(bench, place.database, "SELECT 1 FROM jobs WHERE state = 'KILLED'").count == 1
        }

        // As the dispatcher told it, line by line.
        let told = cancel.outputLines.filter { $0.hasPrefix("  ") }
        let history = try bench.ringctl("history", "--job", "train", "--limit", "1", "--database", place.database)
        #expect(history.outputLines.dropFirst().elementsEqual(told), "\(history.output)")
        #expect(history.output.contains("JOB_CANCELLED train (wrong data) 20"))

        let task = try bench.ringctl("history", "--task", "train/task-1", "--json", "--database", place.database)
        let kinds = try task.outputLines.map { try JSON(parsing: $0)["event"]["type"].string ?? "" }
        #expect(kinds == ["JOB_SUBMITTED", "TASK_ASSIGNED", "JOB_CANCELLED"])
        let worker = try bench.ringctl("history", "--worker", "w1", "--json", "--database", place.database)
        #expect(worker.outputLines.count == 5, "\(worker.output)")
        let numbers = try worker.outputLines.compactMap { try JSON(parsing: $0)["txn"].int }
        let range = try bench.ringctl(
          "history", "--since", "\(numbers[0])", "--until", "\(numbers[2])", "--json", "--database", place.database)
        #expect(try range.outputLines.compactMap { try JSON(parsing: $0)["txn"].int } == Array(numbers[0]...numbers[2]))
        let future = try bench.ringctl("history", "--since", "2999-01-01", "--database", place.database)
        #expect(future.exit == .code(0) && future.output.isEmpty)
        let unknown = try bench.ringctl("history", "--job", "nobody", "--database", place.database)
        #expect(unknown.exit == .code(1) && unknown.errors.contains("nobody"))

        let table = try bench.ringctl(
          "query", "SELECT name, state, error FROM jobs", "--database", place.database)
        #expect(table.outputLines == ["name   state   error", "train  KILLED  wrong data"])
        for change in ["DELETE FROM jobs", "DROP TABLE jobs", "PRAGMA user_version = 7", "SELECT 1; DELETE FROM jobs"] {
          let refused = try bench.ringctl("query", change, "--database", place.database)
          #expect(refused.exit == .code(1) && refused.errorLines.count == 1, "\(change): \(refused.output)")
        }
        #expect(try query(bench, place.database, "SELECT count(*) AS n FROM jobs") == [#"{"n":1}"#])

        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        let ended = try bench.ringctl("query", endless, "--timeout", "50ms", "--database", place.database)
        #expect(ended.exit == .code(1) && ended.errors.contains("--timeout"), "\(ended.errors)")
        // More than is kept in memory, in order.
        let many =
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) "
          + "SELECT i, printf('%.*c', 100000, 'x') AS x FROM n"
        let rows = try query(bench, place.database, many)
        #expect(try rows.map { try JSON(parsing: $0)["i"].int } == Array(1...300))

        let second = try bench.run("ringmaster-archive", place.follow)
        #expect(second.exit == .code(1) && second.errors.contains("another ringmaster-archive"))
        #expect(try bench.stop(archive) == .code(0))
        #expect(try catchUp(bench, place)["transactions"] == .number(0))
      }
    }

    @Test func aFollowingHistoryShowsWhatComes() throws {
      try Workbench.run { bench in
        let place = Place(bench)
        _ = try startDispatcher(bench, place)
        let archive = try bench.start("ringmaster-archive", place.follow)
        try bench.publish(Self.registration(1))
        try bench.wait("the archive has it") {
          let query = try bench.run(
            "ringctl", ["query", "SELECT 1 FROM workers", "--database", place.database, "--json"])
          return query.outputLines.count == 1
        }
        let history = try bench.start("ringctl", ["history", "--follow", "--json", "--database", place.database])
        try bench.wait("it shows the past") { history.outputLines.count == 1 }
        try bench.publish(Self.registration(2))
        try bench.wait("it shows what comes") { history.outputLines.count == 2 }
        #expect(try JSON(parsing: history.outputLines[1])["event"]["worker_id"] == .string("w2"))
        #expect(try bench.stop(history) == .code(0))
        #expect(try bench.stop(archive) == .code(0))
      }
    }

    /// Killed at any moment while the dispatcher works, an archive ends up with what one that was never killed has.
    @Test func aKilledArchiveMissesAndRepeatsNothing() throws {
      try Workbench.run { bench in
        let place = Place(bench)
        let dispatcher = try startDispatcher(bench, place)
        try bench.publish(Self.registration(1), Self.registration(2))
        var kills = 0
        for round in 0..<12 {
          let archive = try bench.start(
            "ringmaster-archive", place.follow + ["--snapshot-interval", "1", "--keep-bytes", "0"])
          let job = "job-\(round)"
          var lines = [Self.submission(job, replicas: 40)]
          for task in 0..<40 { lines.append(Self.report("\(job)/task-\(task)", attempt: 0, "SUCCEEDED")) }
          let ingest = try bench.start(
            "ringmaster-ingest", ["ndjson", "--json", try bench.write(lines, to: "\(job).ndjson")])
          // From its first moments to the middle of its work.
          var looks = round
          try bench.wait("the moment has come") {
            looks -= 1
            return looks < 0
          }
          archive.signal(SIGKILL)
          if try bench.waitForExit(archive) == .signal(SIGKILL) { kills += 1 }
          #expect(try bench.waitForExit(ingest) == .code(0))
        }
        #expect(kills > 6)
        #expect(try bench.stop(dispatcher) == .code(0))
        _ = try catchUp(bench, place)
        let whole = bench.path("whole.sqlite")
        let control = try bench.run(
          "ringmaster-archive", ["--journal", place.journal, "--database", whole, "--once", "--json"])
        #expect(control.exit == .code(0), "\(control.errors)")
        #expect(try JSON(parsing: control.output)["transactions"].int ?? 0 > 12 * 41)
        let tables = try query(
          bench, whole, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'losses'")
        #expect(tables.count > 12)
        for table in try tables.map({ try JSON(parsing: $0)["name"].string ?? "" }) {
          let sql = "SELECT * FROM \(table) ORDER BY 1, 2"
          #expect(try query(bench, place.database, sql) == query(bench, whole, sql), "\(table) differs")
        }
        // And with what the dispatcher says itself.
        let verified = try bench.ringctl("journal", "verify", "--json", "--journal", place.journal)
        let last = try JSON(parsing: verified.output)["last_transaction"].int
        #expect(
          try query(bench, place.database, "SELECT count(*) AS n, max(number) AS m FROM transactions")
            == [#"{"n":\#(last ?? -1),"m":\#(last ?? -1)}"#])
      }
    }

    /// Beside all that works; and what is restored is worked with.
    @Test func aBackupUnderLoadIsRestored() throws {
      try Workbench.run { bench in
        let place = Place(bench)
        let dispatcher = try startDispatcher(bench, place)
        let archive = try bench.start("ringmaster-archive", place.follow)
        let lines = (0..<4000).map { Self.registration($0) }
        let ingest = try bench.start("ringmaster-ingest", ["ndjson", "--json", try bench.write(lines, to: "load")])
        try bench.wait("the archive has begun") {
          try bench.ringctl("query", "SELECT 1 FROM workers LIMIT 1", "--database", place.database, "--json")
            .outputLines.count == 1
        }
        let folder = bench.path("backup")
        let made = try bench.ringctl(
          "journal", "backup", folder, "--journal", place.journal, "--database", place.database, "--json")
        #expect(made.exit == .code(0), "\(made.errors)")
        let backup = try JSON(parsing: made.output)
        #expect(backup["database_commit"].int ?? .max <= backup["commit"].int ?? 0)
        #expect(try bench.waitForExit(ingest) == .code(0))
        // The database is ahead of the backup then.
        try bench.publish(Self.registration(8888))
        try bench.wait("it is archived") {
          try query(bench, place.database, "SELECT 1 FROM workers WHERE name = 'w8888'").count == 1
        }
        let restore = ["journal", "restore", folder, "-m", "test", "--database", place.database]
        let refused = try bench.run("ringctl", restore + ["--journal", place.journal])
        #expect(refused.exit == .code(1) && refused.errors.contains("nothing is"), "\(refused.errors)")
        #expect(try bench.stop(dispatcher) == .code(0))
        #expect(try bench.stop(archive) == .code(0))

        let again = bench.path("again")
        let kept = try bench.run("ringctl", restore + ["--journal", again, "--no-database"])
        #expect(kept.exit == .code(0), "\(kept.errors)")
        let settings = try bench.write(["[journal]", "directory = \"\(again)\""], to: "again.toml")
        let next = try bench.start(
          "ringmasterd", ["--socket", bench.socketPath, "--instance", bench.instance, "--config", settings])
        try bench.wait("the dispatcher listens") { next.errors.contains("listening") }
        try bench.publish(Self.registration(9999))
        #expect(try bench.stop(next) == .code(0))
        let caughtUp = try bench.run(
          "ringmaster-archive", ["--journal", again, "--database", place.database, "--once", "--json"])
        #expect(caughtUp.exit == .code(0), "\(caughtUp.errors)")
        let newest = try query(
          bench, place.database, "SELECT number, kind FROM transactions ORDER BY id DESC LIMIT 1")
        #expect(newest == [#"{"number":\#((backup["last_transaction"].int ?? 0) + 1),"kind":"WORKER_REGISTERED"}"#])
        let history = try bench.ringctl("history", "--limit", "1", "--database", place.database)
        #expect(history.outputLines.first?.hasPrefix("epoch ") == true, "\(history.output)")
      }
    }

    @Test func aWrongCommandLineIsSaid() throws {
      try Workbench.run { bench in
        #expect(try bench.run("ringmaster-archive", []).exit == .code(64))
        let none = try bench.run(
          "ringmaster-archive", ["--journal", bench.path("no"), "--database", bench.path("a"), "--once"])
        #expect(none.exit == .code(1) && none.errors.contains("there is no journal in"))
        let bad = try bench.write(["[archive]", "keep_days = -1"], to: "bad.toml")
        let refused = try bench.run("ringmaster-archive", ["--config", bad])
        #expect(refused.exit == .code(78) && refused.errors.contains("archive.keep_days"))
        let schema = try bench.run("ringmaster-archive", ["schema"])
        #expect(schema.output.contains("CREATE VIEW transactions") && schema.output.contains("-- "))
        let nothing = try bench.ringctl("query", "SELECT 1", "--database", bench.path("none.sqlite"))
        #expect(nothing.exit == .code(1) && nothing.errors.contains("ringmaster-archive --journal"))
      }
    }
  }
}
