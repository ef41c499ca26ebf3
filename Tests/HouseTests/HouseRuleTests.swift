import Testing

@Suite struct HouseRuleTests {
  private static let code = ["swift", "c", "h"]
  private static let codeFolders = ["Sources", "Tests", "bench"]

  @Test func noFileIsTooLong() throws {
    for path in try SourceTree.paths(in: Self.codeFolders, endings: Self.code) {
      let lines = try SourceTree.lines(of: path)
      if lines.first?.hasPrefix("// Made by `swift run ringschema`") == true { continue }
      let count = lines.count
      #expect(count <= HouseRules.maxFileLines, "\(path) has \(count) lines: split it by idea")
    }
  }

  @Test func nothingIsMarkedAsOpen() throws {
    for path in try SourceTree.paths() where !path.hasSuffix(".json") && !path.hasPrefix("Tests/Golden/version-") {
      for (index, line) in try SourceTree.lines(of: path).enumerated() where HouseRules.hasOpenMark(line) {
        Issue.record("\(path):\(index + 1): \(line)")
      }
    }
  }

  @Test func theTopLevelHoldsNothingElse() throws {
    let entries = Set(try SourceTree.paths().compactMap { $0.split(separator: "/").first })
    #expect(entries.contains("Sources"))
    #expect(entries.filter { !HouseRules.belongsAtTheTop($0) }.isEmpty)
  }

  @Test func testsDoNotSleep() throws {
    for path in try SourceTree.paths(in: ["Tests"], endings: Self.code) {
      for (index, line) in try SourceTree.lines(of: path).enumerated() where HouseRules.sleeps(line) {
        Issue.record("\(path):\(index + 1): wait for the condition instead: \(line)")
      }
    }
  }

  @Test func publicTypesAreDocumented() throws {
    for path in try SourceTree.paths(in: ["Sources"], endings: ["swift"]) {
      let types = HouseRules.undocumentedTypes(try SourceTree.lines(of: path))
      #expect(types.isEmpty, "\(path): no doc comment on \(types.joined(separator: ", "))")
    }
  }

  @Test func openMarksAreFound() {
    let mark = "TO" + "DO"
    #expect(HouseRules.hasOpenMark("  // \(mark): later"))
    #expect(HouseRules.hasOpenMark("#warning(\"FIX" + "ME\")"))
    #expect(!HouseRules.hasOpenMark("let \(mark)S = 1 // \(mark.lowercased())"))
  }

  @Test func sleepsAreFound() {
    #expect(HouseRules.sleeps("  try await Task.sl" + "eep(for: .seconds(1))"))
    #expect(HouseRules.sleeps("  sl" + "eep(1)"))
    #expect(!HouseRules.sleeps("  // a process that sleeps (parked) wakes"))
  }

  @Test func undocumentedTypesAreFound() {
    let file = """
      public struct Bare {}
      /// Says what it is.
      @frozen
      public enum Described {
        public struct Nested {}
      }

      @frozen public final class Alone {}
      struct Internal {}
      """
    #expect(
      HouseRules.undocumentedTypes(file.split(separator: "\n", omittingEmptySubsequences: false)) == ["Bare", "Alone"])
  }

  @Test(arguments: ["docs", "Makefile", "NOTES.md"])
  func strangersAtTheTopLevelAreFound(entry: String) {
    #expect(!HouseRules.belongsAtTheTop(entry[...]))
  }
}
