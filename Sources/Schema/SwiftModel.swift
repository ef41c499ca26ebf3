/// The Swift types of events: their bodies, the structs in them, and a factory for each kind.
extension Vocabulary {
  func swiftEvents() -> String {
    var out = Self.swiftFile([])
    out.block("extension Event") { out in
      out.add("/// What is rare and large is behind a reference, so that every other event is small to copy.")
      out.block("public enum Body: Hashable, Sendable") { out in
        for event in events {
          out.wrap(event.meaning, "/// ")
          let isLarge = event.fields.contains { $0.type == "object" }
          out.add((isLarge ? "indirect " : "") + "case \(event.swiftCase)\(event.associatedValues)")
        }
      }
      out.add()
      out.block("@inlinable public var kind: EventKind") { out in
        out.choice("switch body") { out in
          for event in events { out.add("case .\(event.swiftCase): .\(event.swiftCase)") }
        }
      }
    }
    out.add()
    out.add("/// One factory for each kind, so that a wrong or missing field does not compile.")
    out.block("extension Event") { out in
      for event in events where !event.fields.contains(where: { $0.type == "failure_cause" }) {
        out.wrap(event.meaning, "/// ")
        factory(event, &out)
        out.add()
      }
    }
    return out.text
  }

  private static let partMeanings = [
    "resources": "What each task holds.", "constraints": "Which workers may have them.",
    "specification": "What it says for its workers alone: kept and handed on, never looked at.",
  ]

  private func factory(_ event: EventForm, _ out: inout Text) {
    let isWhole = event.isWhole
    var parameters = isWhole ? ["_ \(event.payloadName): \(event.payload!)"] : []
    if !isWhole {
      parameters = event.fields.enumerated().map { index, field in
        let isFirst = index == 0 && (field.isReference || field.type == "new")
        return "\(isFirst ? "_ " : "")\(field.swift): \(field.swiftType)"
          + (field.swiftType.hasSuffix("?") ? " = nil" : "")
      }
    }
    let time = event.time.hasPrefix("now_ms") ? "nowMs" : "timestampMs"
    let isOptional = !event.time.hasPrefix("now_ms") && !event.time.hasSuffix("!")
    parameters.append("\(time): Int64\(isOptional ? "? = nil" : "")")
    let body = isWhole ? ".\(event.swiftCase)(\(event.payloadName))" : event.construction
    out.block("public static func \(event.swiftCase)(\(parameters.joined(separator: ", "))) -> Event") { out in
      out.add("Event(timestampMs: \(time), body: \(body))")
    }
  }

  func swiftStructs() -> String {
    var out = Self.swiftFile([])
    var made: Set<String> = []
    for event in events {
      if let payload = event.payload, made.insert(payload).inserted {
        out.wrap(event.meaning, "/// ")
        out.block("public struct \(payload): Hashable, Sendable") { out in
          for field in event.fields {
            out.wrap(field.meaning.sentence, "/// ")
            out.add("public let \(field.swift): \(field.swiftType)")
          }
          out.add()
          let parameters = event.fields.map {
            "\($0.swift): \($0.swiftType)" + ($0.swiftType.hasSuffix("?") ? " = nil" : "")
          }
          out.block("public init(\(parameters.joined(separator: ", ")))") { out in
            for field in event.fields { out.add("self.\(field.swift) = \(field.swift)") }
          }
        }
        out.add()
      }
      for object in event.fields where object.type == "object" && object.new == "\(object.structName)()" {
        out.wrap(object.meaning.sentence, "/// ")
        out.block("public struct \(object.structName): Hashable, Sendable") { out in
          var parts: Set<String> = []
          for field in object.members {
            if let part = field.part {
              guard parts.insert(part.name).inserted else { continue }
              let standards = object.members.filter { $0.part?.name == part.name && $0.standard != nil }
                .map { "\($0.part!.field): \($0.standard!)" }
              let type = part.name.prefix(1).uppercased() + part.name.dropFirst()
              out.add("/// \(Self.partMeanings[part.name] ?? "")")
              out.add("public var \(part.name) = \(type)(\(standards.joined(separator: ", ")))")
              continue
            }
            out.wrap(field.meaning.sentence, "/// ")
            out.add("public var \(field.swift): \(field.swiftType)" + (field.standard.map { " = \($0)" } ?? ""))
          }
          out.add()
          out.add("public init() {}")
        }
        out.add()
      }
    }
    return out.text
  }
}

extension EventForm {
  /// Its factory takes its struct as it is.
  fileprivate var isWhole: Bool { payload == "ZoneCensus" }

  fileprivate var associatedValues: String {
    if fields.isEmpty { return "" }
    if let payload { return "(\(payload))" }
    let values = fields.enumerated().map { index, field in
      index == 0 && field.isReference ? field.swiftType : "\(field.swift): \(field.swiftType)"
    }
    return "(\(values.joined(separator: ", ")))"
  }
}

extension FieldForm {
  var structName: String { String(new?.prefix { $0 != "(" } ?? "") }

  var swiftType: String {
    switch type {
    case "worker", "job", "task": "\(type.prefix(1).uppercased())\(type.dropFirst())Reference\(isOptional ? "?" : "")"
    case "flag": "Bool"
    case "cpu": "Int64"
    case "task_state", "end_reason", "if_exists", "when_cut_off", "sandbox": type.pascal + (isOptional ? "?" : "")
    case "constraints", "specification": type.pascal
    case "object": structName
    case "devices": "DeviceCounts"
    case "attributes": "[WorkerMetadata.Attribute]"
    case "reported": "[ReportedTask]"
    case "failure_cause": "WorkerFailureCause"
    case "Int32", "Int64", "UInt32": type + (isOptional ? "?" : "")
    case "new": "String"
    default: isRequired ? "String" : "String?"
    }
  }
}
