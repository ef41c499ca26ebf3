import Testing

@Suite struct DeadSymbolTests {
  /// What may be declared without a use in Sources, bench and the simulator, and who uses it.
  private static let usedElsewhere: [String: String] = [
    "_GNU_SOURCE": "the C library's headers",
    "callAsFunction": "the compiler",
    "allValueStrings": "ArgumentParser",
    "defaultValueDescription": "ArgumentParser",
    "RM_ENTITY_COUNTER": "clients in other languages", "RM_ENTITY_PEER": "clients in other languages",
    "RM_ENTITY_BRAKE": "clients in other languages", "RM_ENTITY_DEAD_LETTER": "clients in other languages",
    "RM_ENTITY_EXPLANATION": "clients in other languages", "RM_ENTITY_ATTEMPT": "clients in other languages",
    "RM_ENTITY_STEP": "clients in other languages", "RM_ENTITY_SPECIFICATION": "clients in other languages",
    "resumedProducer": "producers that are started again, as Tests/ringwriter",
    "DispatcherProbe": "Tests/ringfuzz", "beSilent": "Tests/ringfuzz", "hasJournaled": "Tests/ringfuzz",
    "makeSnapshot": "Tests/ringfuzz",
    "reportHeartbeatFailure": "users of RingmasterClient", "reportTask": "users of RingmasterClient",
    "TestCluster": "who writes plugins", "samples": "who writes plugins", "addWorker": "who writes plugins",
    "examples": "Tests/SchemaTests", "LenientJudge": "Tests/FuzzTests and Tests/ringfuzz",
  ]

  @Test func everythingIsUsed() throws {
    var symbols = DeadSymbols()
    // The vocabulary is for clients in other languages too.
    let paths = try SourceTree.paths(
      in: ["Sources", "bench", "Tests/ControllerFuzzer", "Tests/DispatcherSimulator", "Tests/ringmaster-simulator"],
      endings: ["swift", "c", "h", "cpp", "hpp"])
    for path in paths where !path.hasSuffix("/ringmaster_vocabulary.h") && !path.hasSuffix("/ringmaster_records.h") {
      symbols.add(try SourceTree.lines(of: path).joined(separator: "\n"), path: path)
    }
    let unused = symbols.unused
    for symbol in unused where Self.usedElsewhere[symbol.name] == nil {
      Issue.record("\(symbol.place): \(symbol.name) is used nowhere in Sources, bench or the simulator")
    }
    let names = Set(unused.map(\.name))
    for (name, user) in Self.usedElsewhere where !names.contains(name) {
      Issue.record("\(name) needs no exception for \(user)")
    }
  }

  private func unused(_ text: String, path: String = "A.swift") -> [String] {
    var symbols = DeadSymbols()
    symbols.add(text, path: path)
    return symbols.unused.map(\.name)
  }

  @Test func whatIsDeclaredAndNotUsedIsFound() {
    let file = """
      struct Used { static let spare = 1 }
      protocol Alone { func needed() }
      enum Selfish { static func make() -> Selfish { Selfish() } }
      extension Selfish { func other() -> Selfish { self } }
      final class Empty {}
      func run(_ value: Used) { run(value) }
      class func shared() {}
      let text = "spare \\(interpolated) needed", regex = #/ "needed" /#  // needed, other
      let interpolated = 1
      /* Alone, make, text */ let last = "\\"" + \"\"\"
        shared
        \"\"\"
      """
    #expect(
      unused(file) == [
        "spare", "Alone", "needed", "Selfish", "make", "other", "Empty", "shared", "text", "last",
      ])
  }

  @Test func aLabelIsNoUse() {
    let file = """
      struct Point { let x: Int; let y: Int; let z: Int }
      func first(_ p: Point) -> Int { p.y > 0 ? p.y: 1 }
      let origin = first(Point(x: 1, y: 2, z: 3))
      switch origin {
      case z: break
      }
      """
    #expect(unused(file) == ["x"])
  }

  @Test func whatStartsAProgramIsUsed() {
    #expect(unused("@main struct Program {}\nstruct Other {}") == ["Other"])
  }

  @Test func deadCIsFound() {
    let file = """
      #define RM_USED 1u
      #define RM_SPARE 2u  // not RM_USED
      static inline int rm_used(int value) { return value + RM_USED; }
      int rm_spare(int value);
      int rm_spare(int value) {
        char quote = '"';
        return rm_used(value);
      }
      """
    #expect(unused(file, path: "a.c") == ["RM_SPARE", "rm_spare", "rm_spare"])
  }
}
