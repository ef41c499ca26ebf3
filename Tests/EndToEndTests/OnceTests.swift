import Glibc
import Testing

extension EndToEndTests {
  /// Commands that are given again.
  @Suite struct OnceTests {
    @Test func aCommandThatIsGivenAgainIsCarriedOutOnce() throws {
      try Workbench.run { bench in
        var dispatcher = try bench.startDispatcher(
          settings: ["[journal]", "directory = \"\(bench.path("journal"))\"", "reattach_timeout_ms = 100"])
        let first = try JSON(parsing: bench.ringctl("submit", "a", "--event", "nightly 30", "--json").output)
        #expect(first["txn"] != .null)
        for _ in 0..<2 {
          let again = try bench.ringctl("submit", "a", "--event", "nightly 30", "--json")
          let answer = try JSON(parsing: again.output)
          #expect(again.exit == .code(0))
          #expect(answer["repeated"] == true && answer["txn"] == first["txn"])
          #expect(try bench.stop(dispatcher, SIGKILL) == .signal(SIGKILL))
          // By the same file.
          dispatcher = try bench.startDispatcher(settings: [])
        }
        let shown = try bench.ringctl("submit", "a", "--event", "nightly 30")
        #expect(shown.output.contains("handled before") && shown.exit == .code(0))
        #expect(try bench.ringctl("submit", "a", "--event", "nightly 31").exit == .code(1), "there is such a job")
        #expect(try bench.ringctl("submit", "b", "--event", "x/1/0").exit != .code(0), "that is none")
        let other = try bench.ringctl("cancel", "a", "--event", "nightly 30", "-m", "no")
        #expect(other.exit != .code(0) && other.errors.contains("each has a sequence of its own"))
        try bench.wait("the rings of those that were cut off are removed") { bench.rings == [] }
      }
    }
  }
}
