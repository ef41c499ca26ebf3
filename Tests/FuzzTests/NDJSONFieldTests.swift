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

  @Test func everyKindIsHere() throws {
    let kinds = NDJSONEvent.all.map(\.testDescription)
    #expect(
      Set(kinds) == Set(EventKind.allCases.map(\.name) + ["RESTART", "SWEEP", ScriptStep.configuredType]))
    for event in NDJSONEvent.all { #expect(try refusal(JSONValue(parsing: Array(event.text.utf8))) == nil) }
  }

  @Test(arguments: NDJSONEvent.all)
  func wrongValuesAreRefused(_ event: NDJSONEvent) throws {
    let good = try JSONValue(parsing: Array(event.text.utf8))
    for field in event.fields where field.isPresent {
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
    for field in event.fields where !field.isRequired && field.isPresent {
      if case .index = field.path.last { continue }
      #expect(try refusal(try #require(good.replacing(field.path[...], by: nil))) == nil, "\(field.text)")
    }
    let error = try refusal(try #require(good.replacing(["type"], by: nil)))
    #expect(error?.problem == .missingField && error?.field == "type")
  }

  /// The reader says which names it looks for: each of them, and no other, has a case here.
  @Test(arguments: NDJSONEvent.all)
  func everyFieldThatIsReadHasACase(_ event: NDJSONEvent) throws {
    func names(at depth: Int, under table: String?) -> Set<String> {
      let paths = event.fields.map { field in
        field.path.compactMap { step in if case .name(let name) = step { name } else { nil } }
      }
      return Set(paths.filter { $0.count == depth + 1 && (depth == 0 || $0[0] == table) }.map { $0[depth] })
    }
    func known(_ error: EventJSONError?) throws -> Set<String> {
      let list = try #require(error?.expected.dropFirst("only ".count))
      return Set(list.split(separator: ", ").map(String.init))
    }
    guard case .object(let members) = try JSONValue(parsing: Array(event.text.utf8)) else { return }
    let strange = JSONValue.Member("colour", .number("7"))
    // Of an event, not of the steps of a script.
    let read = try known(refusal(.object(members + [strange]))).subtracting(["source"])
    #expect(read == names(at: 0, under: nil).union(["type"]))
    // Metadata has any names, so only a request is left.
    for (index, member) in members.enumerated() where member.name == "request" {
      guard case .object(let inner) = member.value else { continue }
      var more = members
      more[index] = .init(member.name, .object(inner + [strange]))
      #expect(try known(refusal(.object(more))) == names(at: 1, under: member.name))
    }
  }

  @Test(arguments: [
    ("7", "source"), ("{}", "source.name"), (#"{"name":"","sequence":1}"#, "source.name"),
    (#"{"name":"s"}"#, "source.sequence"), (#"{"name":"s","sequence":0}"#, "source.sequence"),
    (#"{"name":"s","sequence":9007199254740992}"#, "source.sequence"),
    (#"{"name":"s","sequence":1,"incarnation":-1}"#, "source.incarnation"),
    (#"{"name":"s","sequence":1,"life":1}"#, "source.life"), (#"{"name":"a\nb","sequence":1}"#, "source.name"),
  ])
  func wrongSourcesAreRefused(source: String, field: String) throws {
    let line = #"{"type":"JOB_CANCELLED","job_id":"j","reason":"r","source":"# + source + "}"
    #expect(try refusal(try JSONValue(parsing: Array(line.utf8)))?.field == field)
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
