import EventJSON
import Foundation
import SeededRandom
import Testing

@Suite struct JSONValueTests {
  @Test(arguments: [
    #"null"#, #"true"#, #"[]"#, #"{}"#, #"[1,-0,2.50,1e9,1E-3]"#, #"{"b":1,"a":[{"c":null}]}"#,
    #""é😀\"\\\n\t\u0000""#, #"["",[[]],{"":{}}]"#,
  ])
  func compactTextSurvives(_ text: String) throws {
    #expect(try JSONValue(parsing: text).text == text)
  }

  @Test func spaceAndEscapesAreRead() throws {
    let value = try JSONValue(parsing: " {\r\n\t\"a\" : [ 1 , 2 ] , \"\\u0062\\ud83d\\ude00\\/\" : false } ")
    #expect(value["a"] == .array([.number("1"), .number("2")]))
    #expect(value["b😀/"] == .boolean(false))
    #expect(value["absent"] == nil)
  }

  @Test(arguments: [
    "", " ", "{", "[", "[1", "[1,", "[1,]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}", "1 2", "01", "+1",
    "-",
    "1.", ".5", "1e", "1e+", "0x1", "tru", "True", "nul", "\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"",
    "\"\\ud800\\u0041\"",
    "\"\\udc00\"", "\"\n\"", "\"\\", "[1}", "NaN", "Infinity", "// no", "\u{FEFF}{}",
  ])
  func brokenTextIsRefused(_ text: String) {
    let error = #expect(throws: EventJSONError.self) { try JSONValue(parsing: text) }
    #expect(error?.problem == .syntax)
    #expect(error?.field.hasPrefix("byte ") == true)
  }

  @Test func repeatedMembersAreRefused() {
    // Of other bytes is another name, though it looks the same.
    #expect(throws: Never.self) { try JSONValue(parsing: "{\"\u{E9}\":1,\"e\u{301}\":1}") }
    let error = #expect(throws: EventJSONError.self) { try JSONValue(parsing: #"{"a":1,"a":1}"#) }
    #expect(error?.field == "a")
  }

  @Test func bytesThatAreNotUTF8AreRefused() {
    for bytes: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]] {
      #expect(throws: EventJSONError.self) { try JSONValue(parsing: [0x22] + bytes + [0x22]) }
      #expect(throws: EventJSONError.self) { try JSONValue(parsing: [0x22, 0x5C, 0x6E] + bytes + [0x22]) }
    }
  }

  @Test func limitsHold() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try JSONValue(parsing: nested(JSONLimits.depth))
    #expect(throws: EventJSONError.self) { try JSONValue(parsing: nested(JSONLimits.depth + 1)) }
    #expect(throws: EventJSONError.self) { try JSONValue(parsing: nested(1 << 19)) }
    func object(_ members: Int) -> String {
      "{" + (0..<members).map { "\"\($0)\":0" }.joined(separator: ",") + "}"
    }
    _ = try JSONValue(parsing: object(JSONLimits.members))
    #expect(throws: EventJSONError.self) { try JSONValue(parsing: object(JSONLimits.members + 1)) }
    _ = try JSONValue(parsing: String(repeating: "9", count: JSONLimits.numberBytes))
    #expect(throws: EventJSONError.self) {
      try JSONValue(parsing: String(repeating: "9", count: JSONLimits.numberBytes + 1))
    }
  }

  /// Any value's text must mean the same to an independent parser; and no damaged text may crash this one.
  @Test(arguments: 0..<20 as Range<UInt64>)
  func randomValuesAgreeWithFoundation(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<50 {
      let value = JSONValue.random(depth: 0, &random)
      var bytes: [UInt8] = []
      value.write(to: &bytes)
      #expect(try JSONValue(parsing: bytes) == value, "seed \(seed)")
      let foundation = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
      let again = try JSONSerialization.data(withJSONObject: foundation, options: [.fragmentsAllowed, .sortedKeys])
      #expect(try JSONValue(parsing: Array(again)).sorted == value.sorted, "seed \(seed)")
      for _ in 0..<10 {
        var damaged = bytes
        damaged[Int.random(in: damaged.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
        damaged.removeLast(Int.random(in: 0..<damaged.count, using: &random) / 4)
        if let survived = try? JSONValue(parsing: damaged) {
          #expect(try JSONValue(parsing: survived.text) == survived, "seed \(seed)")
        }
      }
    }
  }

  @Test(arguments: [
    (0, "0"), (1, "0.001"), (10, "0.01"), (500, "0.5"), (1000, "1"), (12_340, "12.34"), (-1500, "-1.5"),
  ])
  func cpusAreExact(_ milliCPU: Int64, _ text: String) {
    #expect(JSONValue.cpus(milliCPU: milliCPU).text == text)
  }
}

extension JSONValue {
  static func random(depth: Int, _ random: inout SeededGenerator) -> JSONValue {
    switch Int.random(in: 0..<(depth < 4 ? 7 : 4), using: &random) {
    case 0: return .null
    case 1: return .boolean(Bool.random(using: &random))
    case 2: return .integer(Int32.random(in: .min ... .max, using: &random))
    case 3: return .string(Self.randomText(&random))
    case 4, 5:
      let count = Int.random(in: 0...4, using: &random)
      return .array((0..<count).map { _ in Self.random(depth: depth + 1, &random) })
    default:
      let count = Int.random(in: 0...4, using: &random)
      return .object(
        (0..<count).map { Member("\($0)" + randomText(&random), Self.random(depth: depth + 1, &random)) })
    }
  }

  private static func randomText(_ random: inout SeededGenerator) -> String {
    let scalars: [Unicode.Scalar] = ["a", "\"", "\\", "/", "\n", "\u{1}", "\u{7F}", "é", "漢", "😀", " ", "\u{2028}"]
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...12, using: &random) { text.append(scalars.randomElement(using: &random) ?? "a") }
    return String(text)
  }

  var sorted: JSONValue {
    switch self {
    case .array(let elements): .array(elements.map(\.sorted))
    case .object(let members):
      .object(members.map { Member($0.name, $0.value.sorted) }.sorted { $0.name < $1.name })
    default: self
    }
  }
}
