import EventJSON
import EventModel
import Foundation
import Testing

@testable import Schema

/// An event with every field that its kind may have, and what each of them may hold.
struct NDJSONEvent: Sendable, CustomTestStringConvertible {
  let text: String
  let fields: [NDJSONField]

  var testDescription: String { String(text.split(separator: "\"")[3]) }

  fileprivate init(_ text: String, _ fields: [NDJSONField]) {
    self.text = text
    self.fields = fields
  }

  /// All that the vocabulary has, and the lines of a script that are no events.
  static let all: [NDJSONEvent] =
    VocabularyForms().events + [
      NDJSONEvent(
        #"{"type":"WORKER_FAILED","worker_id":"w","error":"e","last_heartbeat_ms":1,"timeout_ms":2,"timestamp_ms":3}"#,
        [
          NDJSONField("worker_id", form: .name(maxBytes: Limits.nameBytes), isRequired: true),
          NDJSONField("error", form: .text(maxBytes: Limits.errorBytes)), meantTime,
          NDJSONField("last_heartbeat_ms", form: .integer(Limits.timeMs), isRequired: true),
          NDJSONField("timeout_ms", form: .integer(Limits.timeMs), isRequired: true),
        ]),
      NDJSONEvent(
        #"{"type":"SWEEP","now_ms":1}"#, [NDJSONField("now_ms", form: .integer(Limits.timeMs), isRequired: true)]),
      NDJSONEvent(#"{"type":"RESTART","timestamp_ms":1}"#, [meantTime]),
      NDJSONEvent(
        #"{"type":"CONFIGURED"}"#.replacing(
          "}", with: ControllerSetting.allCases.map { #","\#($0.name)":\#($0.range.lowerBound)"# }.joined() + "}"),
        ControllerSetting.allCases.map { NDJSONField(.name($0.name), form: .integer($0.range)) }),
    ]

  private static let meantTime = NDJSONField("timestamp_ms", form: .integer(Limits.timeMs), isRequired: true)
}

/// What the vocabulary says of each event, as cases of a test.
private struct VocabularyForms {
  private let vocabulary: Vocabulary

  init() {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    do {
      vocabulary = try Vocabulary(
        String(contentsOf: root.appending(path: "Sources/Schema/vocabulary.toml"), encoding: .utf8))
    } catch {
      preconditionFailure("the vocabulary cannot be read: \(error)")
    }
  }

  var events: [NDJSONEvent] {
    zip(vocabulary.events, vocabulary.examples).map { event, example in
      NDJSONEvent(example.line, event.fields.flatMap { forms(of: $0) } + [time(of: event)])
    }
  }

  /// A time with a mark means something, and has to be there.
  private func time(of event: EventForm) -> NDJSONField {
    let name = event.time.filter { $0 != "*" && $0 != "!" }
    return NDJSONField(.name(name), form: .integer(Limits.timeMs), isRequired: name != event.time)
  }

  /// The places of a field, and what each may hold. In lists and objects with any names, those of the example.
  private func forms(of field: Schema.FieldForm, in path: [NDJSONField.Step] = []) -> [NDJSONField] {
    let path = path + [.name(field.name)]
    func one(_ form: NDJSONForm) -> [NDJSONField] {
      var one = NDJSONField(path: path, form: form, isRequired: field.isRequired)
      one.isPresent = field.example != nil || field.type == "object"
      return [one]
    }
    func each(_ form: NDJSONForm) -> [NDJSONField] {
      exampleNames(of: field).map { NDJSONField(path: path + [.name($0)], form: form) }
    }
    switch field.type {
    case "worker", "job": return one(.name(maxBytes: Limits.nameBytes))
    case "task": return one(.name(maxBytes: Limits.taskNameBytes))
    case "new": return one(.newName)
    case "cpu": return one(.cpus)
    case "flag": return one(.flag)
    case "failure_cause": return one(.text(maxBytes: Limits.errorBytes))
    case "name", "label", "text": return one(text(field))
    case "texts": return one(.array)
    case "variables", "constraints": return one(.object)
    case "devices": return one(.object) + each(.integer(Limits.deviceCount))
    case "attributes":
      return exampleNames(of: field).map {
        NDJSONField(path: path.dropLast() + [.name($0)], form: .label(maxBytes: Limits.metadataBytes))
      }
    case "object": return one(.object) + field.members.flatMap { forms(of: $0, in: path) }
    case "reported":
      return one(.array) + [
        NDJSONField(path: path + [0], form: .array),
        NDJSONField(path: path + [0, 0], form: .name(maxBytes: Limits.taskNameBytes)),
        NDJSONField(path: path + [0, 1], form: .integer(0...Int64(UInt32.max))),
      ]
    case _ where field.isCode: return one(.code)
    default: return one(.integer(range(of: field)))
    }
  }

  private func exampleNames(of field: Schema.FieldForm) -> [String] {
    let text = field.example.map { $0.hasPrefix("{") ? $0 : "{\($0)}" } ?? "{}"
    guard case .object(let members)? = try? JSONValue(parsing: Array(text.utf8)) else { return [] }
    return members.map(\.name)
  }

  private func text(_ field: Schema.FieldForm) -> NDJSONForm {
    guard field.tags != ["SPECIFICATION"], let tag = try? vocabulary.tag(field.tags[0]) else { return .string }
    let limit = vocabulary.limits.first { $0.name == field.limit ?? tag.limit ?? "name" }
    let bytes = limit?.bytes ?? Limits.nameBytes
    return tag.form == "text" ? .text(maxBytes: bytes) : .label(maxBytes: bytes)
  }

  private func range(of field: Schema.FieldForm) -> ClosedRange<Int64> {
    if let limit = vocabulary.limits.first(where: { $0.name == field.range }), let range = limit.range {
      return Int64(range.lowerBound)...Int64(range.upperBound)
    }
    return switch (field.type, field.range) {
    case ("Int32", "count"): 0...Int64(Int32.max)
    case ("Int32", _): Int64(Int32.min)...Int64(Int32.max)
    case ("UInt32", _): 0...Int64(UInt32.max)
    default: Int64.min...Int64.max
    }
  }
}
