import Configuration
import Testing

/// What is no TOML is refused before the library sees it: it would end the process over some of it.
@Suite struct DocumentFormTests {
  private func problems(_ text: String) -> [String] {
    do throws(ConfigurationError) {
      _ = try RingmasterConfiguration(toml: text, source: "f.toml")
      return []
    } catch {
      return error.description.split(separator: "\n").map(String.init)
    }
  }

  @Test(arguments: [
    "[[[x", "[#x", "[.a", "[+99", "[\n", "[", "[[", "[ ", "[a.", "[a.]", "[\"\"\"a\"\"\"]", "[a", "[[a]", "[\"a]",
    "[\u{202E}a]", "x = [}", "x = [1, }", "x = {]", "x = [", "x = [\u{B}", "x = [\u{2028}", "x = 1979-05-27 7 ",
    "x = [1979-05-2_7 7]", "x = 1979-05-27T:00Z", "x = 1979-05-27 07:32:00", "x = 07:32:00",
    "x = 1979-05-27T\":00\"", "x = 1979-05-27T.':'", "x = [1979-05-27T[':']]", "x = {a = 1979-05-27T{':' = 1}}",
    "x = 1979-05-2! 7 ", "x = 1979-05-2= 7 ", "x = 1979-05-2a 7 ", "x = \"\"\"\n", "x = 1]",
  ])
  func headersAndValuesOfNoForm(text: String) {
    let told = problems("\n\n" + text)
    #expect(told.count == 1, "\(told)")
    #expect(told.first?.contains(": expected TOML 1.0, got a fault: expected ") == true, "\(told)")
  }

  @Test func theLineIsNamed() {
    #expect(
      problems("a = 1\n[#x]") == [
        "f.toml:2: expected TOML 1.0, got a fault: expected the name of a table: letters, digits, '-' and '_', or in "
          + "quotes; saw '#'"
      ])
  }

  @Test func aKeyHasSoManyParts() {
    let deep = String(repeating: "a.", count: 30_000) + "a"
    for text in [deep + " = 1", "[" + deep + "]", "x = { " + deep + " = 1 }"] {
      #expect(problems(text).first?.contains("a key of at most 16 parts") == true)
    }
  }

  @Test(arguments: [
    "[ access ]\t# x", "[[access]]", "[\"access\"]", "['liveness']", "[\"a.b\".'c]'.d]", "\u{FEFF}[access]\r\n",
    "x = [ [1, 2], # ]\n  { a.b = 1.5, \"c]\" = '}' } ]", "x = \"\"\"\n[[[x\n\"\\\"\"\"\"\"\"", "x = '''\n[#\n'''''",
    "x = \"\\\"[\"", "x = 1979-05-27", "x = [1979-05-27 ]", "x = 1e5", "x = ''", "x = \"\" # \u{E9}",
  ])
  func whatTOMLHasIsLeft(text: String) {
    #expect(!problems(text).contains { $0.contains("TOML 1.0") }, "\(problems(text))")
  }

  @Test func noTextEndsTheProcess() {
    let tokens = [
      "[", "[[", "]", "]]", "=", "\"", "'", "\"\"\"", "'''", "\n", ".", ",", "{", "}", "#", "\\", "\\u00",
      "\\U0010ffff", "\\x", "a", "dispatcher", "instance", "1", "-", "+", "_", "0x", "0b", "1e", "inf", "nan",
      "1979-05-27", "T07:32:00", "Z", "+99:99", "true", "\u{7F}", "\u{202E}", "\u{D7FF}", " ", "\t", "\r", "\r\n",
      "\u{B}", "\u{85}", "1979-13-99", "99:99:99", ".5", "5.", "0x1p3", "1__0", "\u{E9}", "7", "1979-05-2",
      "!", "T", ":",
    ]
    let starts = [
      "", "", "", "x = ", "[dispatcher]\ninstance = ", "[", "a.b = ", "x = [", "x = {a = ", "x = 1979-05-27 ",
    ]
    var random = Congruence(state: 7)
    for _ in 0..<20_000 {
      var text = starts[random.below(starts.count)]
      for _ in 0..<(1 + random.below(13)) { text += tokens[random.below(tokens.count)] }
      _ = problems(text)
    }
  }

  /// The same texts each time.
  private struct Congruence {
    var state: UInt64

    mutating func below(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(limit))
    }
  }
}
