import Testing

/// `ringctl dead-letters` against a live dispatcher.
extension EndToEndTests {
  @Suite struct DeadLetterTests {
    private func letters(_ bench: Workbench, _ options: String...) throws -> [JSON] {
      let list = try bench.run("ringctl", ["dead-letters", "list", "--json"] + options)
      #expect(list.exit == .code(0), "\(list.errors)")
      return try list.outputLines.map { try JSON(parsing: $0) }
    }

    private func deadLetters(_ bench: Workbench, _ arguments: String...) throws -> ChildProcess {
      try bench.run("ringctl", ["dead-letters"] + arguments)
    }

    @Test func lettersAreListedShownRetriedAndDropped() throws {
      try Workbench.run { bench in
        let dispatcher = try bench.startDispatcher()
        let empty = try deadLetters(bench, "list")
        #expect(empty.exit == .code(0) && empty.outputLines == ["no dead letters"])
        #expect(try letters(bench) == [])
        #expect(try bench.ringctl("cancel", "late", "-m", "not wanted").exit == .code(1))
        try bench.publish(#"{"type":"WORKER_FAILED","worker_id":"ghost","error":"disk"}"#)

        let list = try letters(bench)
        #expect(list.map { $0["dead_letter"] } == [1, 2])
        #expect(list.map { $0["reason"] } == ["unknownEntity", "unknownEntity"])
        #expect(list.map { $0["event"]["type"] } == ["JOB_CANCELLED", "WORKER_FAILED"])
        #expect(list.map { $0["peer_name"] } == ["ringctl cancel", "ingest-ndjson"])
        #expect(try letters(bench, "--reason", "malformed") == [])
        let table = try deadLetters(bench, "list")
        #expect(table.outputLines.count == 3 && !table.rawOutput.contains(0x1b))
        let shown = try deadLetters(bench, "show", "2", "--json")
        #expect(try JSON(parsing: shown.output)["event"]["worker_id"] == "ghost")
        #expect(try deadLetters(bench, "show", "2").output.contains("WORKER_FAILED ghost (disk)"))
        #expect(try deadLetters(bench, "show", "9").exit == .code(1))

        let again = try deadLetters(bench, "retry", "1", "-m", "is it there?", "--json")
        #expect(again.exit == .code(1) && again.errorLines.count == 1)
        let failed = try JSON(parsing: again.output)
        #expect(failed["dead_letter"] == 1 && failed["result"]["reason"] == "unknown_job")
        #expect(try letters(bench).map { $0["retries"] } == [1, 0])

        #expect(try bench.ringctl("submit", "late").exit == .code(0))
        let retried = try deadLetters(bench, "retry", "1", "-m", "it is", "--json")
        #expect(retried.exit == .code(0), "\(retried.errors)")
        let result = try JSON(parsing: retried.output)["result"]
        #expect(result["outcome"] == "applied" && result["entity"] == "late")
        #expect(result["actions"].elements.last?["action"] == "job_cancelled")
        #expect((result["txn"].int ?? 0) > (failed["result"]["txn"].int ?? .max - 1))
        #expect(try bench.ringctl("jobs").output.contains("KILLED"))
        #expect(try letters(bench).map { $0["dead_letter"] } == [2])

        let dropped = try deadLetters(bench, "drop", "2", "-m", "a ghost indeed", "--json")
        #expect(dropped.exit == .code(0))
        #expect(try JSON(parsing: dropped.output)["event"]["worker_id"] == "ghost")
        let twice = try deadLetters(bench, "drop", "2", "-m", "again")
        #expect(twice.exit == .code(1) && twice.errors.contains("no dead letter 2"))
        #expect(try letters(bench) == [])
        let counters = try JSON(parsing: bench.ringctl("status", "--json").output)["counters"]
        #expect(counters["dead_letters"] == 3 && counters["dead_letters_kept"] == 0)
        #expect(counters["dead_letters_retried"] == 2 && counters["dead_letters_dropped"] == 1)
        // Who meddled, with what and why, is in the log.
        try bench.wait("the log says why") { dispatcher.errors.contains("a ghost indeed") }
        #expect(dispatcher.errors.contains("drop dead letter 2") && dispatcher.errors.contains("cause=it is"))
      }
    }

    @Test func allOfThemAtOnce() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        for job in ["a", "b", "c"] { #expect(try bench.ringctl("cancel", job, "-m", "x").exit == .code(1)) }
        #expect(try bench.ringctl("submit", "b").exit == .code(0))
        let retry = try deadLetters(bench, "retry", "--all", "-m", "b is there")
        #expect(retry.exit == .code(1))
        #expect(retry.errors.contains("nothing came of 2 of the dead letters"))
        #expect(retry.outputLines.count { $0.hasPrefix("dead letter ") } == 3)
        #expect(try letters(bench).map { $0["event"]["job_id"] } == ["a", "c"])
        #expect(try deadLetters(bench, "drop", "--all", "-m", "enough").outputLines.count == 2)
        #expect(try letters(bench) == [])
        for wrong in [["retry", "1"], ["retry", "-m", "x"], ["drop", "1", "--all", "-m", "x"], ["show"]] {
          #expect(try bench.run("ringctl", ["dead-letters"] + wrong).exit == .code(64), "\(wrong)")
        }
      }
    }
  }
}
