import EventJSON
import EventModel
import Testing

/// Every field of every event, out of range, of a wrong type, missing or unknown: refused by its name.
@Suite struct NDJSONFieldTests {
  private func refusal(_ value: JSONValue) throws -> EventJSONError? {
    do throws(EventJSONError) {
      _ = try ScriptStep(from: Array(value.text.utf8))
      return nil
    } catch {
      return error
    }
  }

  @Test func everyKindThatOthersMaySayIsHere() throws {
    let kinds = NDJSONEvent.all.map(\.testDescription)
    #expect(Set(kinds) == Set(EventKind.allCases.filter(\.isExternal).map(\.name) + ["TICK", "RESTART"]))
    for event in NDJSONEvent.all { #expect(try refusal(JSONValue(parsing: Array(event.text.utf8))) == nil) }
  }

  @Test(arguments: NDJSONEvent.all)
  func wrongValuesAreRefused(_ event: NDJSONEvent) throws {
    let good = try JSONValue(parsing: Array(event.text.utf8))
    for field in event.fields {
      for wrong in field.form.wrong {
        let bad = try #require(good.replacing(field.path[...], by: wrong))
        let error = try #require(try refusal(bad), "\(field.text) takes \(wrong.text.prefix(80))")
        #expect(error.field == field.text, "\(error)")
        #expect(!error.expected.isEmpty && !error.came.isEmpty)
      }
    }
  }

  @Test(arguments: NDJSONEvent.all)
  func missingFieldsAreRefused(_ event: NDJSONEvent) throws {
    let good = try JSONValue(parsing: Array(event.text.utf8))
    for field in event.fields where field.isRequired {
      let error = try refusal(try #require(good.replacing(field.path[...], by: nil)))
      #expect(error?.problem == .missingField && error?.field == field.text)
    }
    for field in event.fields where !field.isRequired {
      if case .index = field.path.last { continue }
      #expect(try refusal(try #require(good.replacing(field.path[...], by: nil))) == nil, "\(field.text)")
    }
    let error = try refusal(try #require(good.replacing(["type"], by: nil)))
    #expect(error?.problem == .missingField && error?.field == "type")
  }

  @Test(arguments: NDJSONEvent.all)
  func unknownFieldsAreRefused(_ event: NDJSONEvent) throws {
    guard case .object(let members) = try JSONValue(parsing: Array(event.text.utf8)) else { return }
    let error = try refusal(.object(members + [.init("colour", .string("red"))]))
    #expect(error?.problem == .unknownField && error?.field == "colour")
    // The same field twice is no less ambiguous.
    let twice = try refusal(.object(members + [members[1]]))
    #expect(twice?.field == members[1].name)
  }
}
