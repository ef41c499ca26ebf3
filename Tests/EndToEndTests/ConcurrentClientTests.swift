import Testing

/// Many clients at once: each gets its own result, and each event makes one transaction.
extension EndToEndTests {
  @Suite struct ConcurrentClientTests {
    private static let clients = 20

    @Test func eachOfManyGetsItsOwnResult() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let watch = try bench.startWatch("--json", "--filter", "JOB_SUBMITTED", "--filter", "JOB_CANCELLED")
        let before = try bench.counters(of: "ringmasterd")["transactions"]?.int ?? 0
        let clients = try (0..<Self.clients).map { index in
          try bench.start("ringctl", ["submit", "job-\(index)", "--replicas", "\(index + 1)", "--json"])
        }
        var transactions: [Int: String] = [:]
        for (index, client) in clients.enumerated() {
          #expect(try bench.waitForExit(client) == .code(0), "\(client.errors)")
          let result = try JSON(parsing: client.output)
          #expect(result["entity"] == .string("job-\(index)"))
          #expect(result["outcome"] == "applied")
          #expect(result["actions"].elements.count == index + 2)
          transactions[try #require(result["txn"].int)] = "job-\(index)"
        }
        #expect(transactions.count == Self.clients)
        let after = try bench.counters(of: "ringmasterd")["transactions"]?.int ?? 0
        #expect(after - before == Self.clients)
        func seen() throws -> [JSON] {
          try watch.outputLines.map { try JSON(parsing: $0) }.filter { $0["event"]["type"] == "JOB_SUBMITTED" }
        }
        try bench.wait("the watch shows them all") { try seen().count >= Self.clients }
        let shown = try seen().map { ($0["txn"].int ?? 0, $0["entity"].string ?? "") }
        #expect(Dictionary(shown) { first, _ in first } == transactions)
        #expect(shown.count == Self.clients)
        #expect(try bench.ringctl("jobs", "--json").outputLines.count == Self.clients)
      }
    }

    @Test func ofManyWhoAskForTheSameJobOneGetsIt() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let clients = try (0..<Self.clients).map { _ in try bench.start("ringctl", ["submit", "same", "--json"]) }
        var numbers: Set<Int> = []
        var applied = 0
        for client in clients {
          let exit = try bench.waitForExit(client)
          let result = try JSON(parsing: client.output)
          numbers.insert(try #require(result["txn"].int))
          if result["outcome"] == "applied" {
            applied += 1
            #expect(exit == .code(0))
          } else {
            #expect(exit == .code(1))
            #expect(result["reason"] == "duplicate_job")
          }
        }
        #expect(applied == 1)
        #expect(numbers.count == Self.clients)
        let counters = try bench.counters(of: "ringmasterd")
        #expect(counters["transactions"] == .number(Double(Self.clients)))
        #expect(counters["events_rejected"] == .number(Double(Self.clients - 1)))
      }
    }
  }
}
