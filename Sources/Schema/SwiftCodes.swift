/// The Swift types of all codes, and the limits.
extension Vocabulary {
  func swiftCodes(_ file: String) -> String {
    var out = Self.swiftFile([])
    var isFirst = true
    for set in codes where set.file == file {
      guard let type = set.swift else { continue }
      if !isFirst { out.add() }
      isFirst = false
      out.wrap("\(set.meaning) The raw value is the wire value.", "/// ")
      Self.enumeration(
        type, set.raw, set.values.map { (name: $0.name, swift: $0.swift, code: $0.code, meaning: $0.meaning) }, &out)
    }
    return out.text
  }

  func swiftKinds() -> String {
    var out = Self.swiftFile([])
    out.add("/// The kinds of event. The raw value is the wire value and never changes its meaning.")
    Self.enumeration(
      "EventKind", "UInt8",
      events.map { (name: $0.name, swift: $0.swiftCase, code: $0.code, meaning: $0.meaning) }, &out)
    out.add()
    out.block("extension EventKind") { out in
      out.add("/// Who says events of a kind.")
      out.block("public enum Source: Sendable") { out in
        out.add("/// Peers that report what happens outside, and those that ask for things.")
        out.add("case report")
        out.add("/// Peers that ask for things.")
        out.add("case request")
        out.add("/// The dispatcher's own clock and scheduler alone.")
        out.add("case clock")
      }
      out.add()
      out.add("/// May a peer say this, or does only the dispatcher's own clock and scheduler?")
      out.add("public var isExternal: Bool { source != .clock }")
      out.add()
      out.block("public var source: Source") { out in
        out.choice("switch self") { out in
          for source in [EventForm.Source.report, .request, .clock] {
            let cases = events.filter { $0.source == source }.map { ".\($0.swiftCase)" }
            out.wrap("\(cases.joined(separator: ", ")): .\(source.rawValue)", "  ", after: "case")
          }
        }
      }
    }
    return out.text
  }

  static func enumeration(
    _ type: String, _ raw: String, _ values: [(name: String, swift: String, code: Int, meaning: String)],
    _ out: inout Text
  ) {
    out.add("@frozen")
    out.block("public enum \(type): \(raw), NamedCode, BitwiseCopyable") { out in
      for value in values {
        out.wrap(value.meaning.sentence, "/// ")
        out.add("case \(value.swift) = \(value.code)")
      }
      out.add()
      out.add("/// As text has it.")
      out.block("public var name: String") { out in
        out.choice("switch self") { out in
          for value in values { out.add("case .\(value.swift): \"\(value.name)\"") }
        }
      }
      out.add()
      out.block("public init?(name: String)") { out in
        out.add("guard let value = Self.allCases.first(where: { $0.name == name }) else { return nil }")
        out.add("self = value")
      }
    }
  }

  func swiftLimits() -> String {
    var out = Self.swiftFile([])
    out.wrap(
      "Every limit of the vocabulary. Decoders enforce them; code that handles an event may rely on them.",
      "/// ")
    out.block("public enum Limits") { out in
      for limit in limits {
        out.wrap((limit.bytes == nil ? "" : "Bytes of UTF-8 in ") + limit.meaning + ".", "/// ")
        if let value = limit.bytes ?? limit.count { out.add("public static let \(limit.swift) = \(value)") }
        if let range = limit.range {
          out.add(
            "public static let \(limit.swift): ClosedRange<\(limit.type)> = \(range.lowerBound)...\(range.upperBound)")
        }
      }
    }
    return out.text
  }
}
