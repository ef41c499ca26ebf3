import EventModel
import Testing

@Suite struct NameRuleTests {
  @Test func controlCharactersAreThoseOfUnicodeAndOfItsDirections() {
    for value in UInt32(0)...0x2FFF {
      let scalar = Unicode.Scalar(value)!
      for text in ["\(scalar)", "a\(scalar)", "\(scalar)b", "é\(scalar)é"] {
        let isControl = scalar.properties.generalCategory == .control || scalar.properties.isBidiControl
        #expect(NameRule.hasControlCharacter(text.utf8) == isControl, "U+\(String(value, radix: 16))")
        let wasControl = scalar.properties.generalCategory == .control
        #expect(NameRule.hasControlCharacter(text.utf8, countsDirections: false) == wasControl)
      }
    }
    #expect(!NameRule.hasControlCharacter("".utf8) && !NameRule.hasControlCharacter("größe/✓😀".utf8))
  }

  @Test func aHandleBeginsWithItsSign() {
    #expect(NameRule.looksLikeHandle("#".utf8) && NameRule.looksLikeHandle("#1.1".utf8))
    #expect(!NameRule.looksLikeHandle("".utf8) && !NameRule.looksLikeHandle("a#1.1".utf8))
  }
}
