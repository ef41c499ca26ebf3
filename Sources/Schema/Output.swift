/// A file that follows from the vocabulary.
public struct Output {
  /// From the package's root on.
  public let path: String
  public let text: String

  static let notice = "Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that."
}

extension Vocabulary {
  /// Every file that follows from it.
  public func outputs() throws -> [Output] {
    [
      Output(path: "Sources/CRingmaster/include/ringmaster_vocabulary.h", text: cHeader()),
      Output(path: "Sources/CRingmaster/include/ringmaster_structs.h", text: cStructs()),
      Output(path: "Sources/CRingmaster/include/ringmaster_journal_structs.h", text: cJournalStructs()),
      Output(path: "Sources/CRingmaster/include/ringmaster_records.h", text: cRecords()),
      Output(path: "Sources/CRingmaster/include/ringmaster_rows.h", text: try cRows()),
      Output(path: "Sources/EventModel/Generated/Views.swift", text: swiftViews()),
      Output(path: "Sources/EventCodec/Generated/Row+Codec.swift", text: try swiftRowCodec()),
      Output(path: "Sources/EventCodec/Generated/Records.swift", text: try swiftRecords()),
      Output(path: "Sources/EventJSON/Generated/Views+JSON.swift", text: swiftRowJSON()),
      Output(path: "Sources/Controller/Generated/SavedEntities.swift", text: swiftSavedState()),
      Output(path: "Sources/Controller/Generated/StateDigest+Request.swift", text: swiftRequestDigest()),
      Output(path: "Sources/Journal/Generated/Snapshot+Entities.swift", text: swiftSnapshot()),
      Output(path: "Sources/Archive/Generated/JobRequest+Columns.swift", text: swiftRequestColumns()),
      Output(path: "Sources/EventModel/Generated/Codes.swift", text: swiftCodes("Codes")),
      Output(path: "Sources/EventModel/Generated/TaskCodes.swift", text: swiftCodes("TaskCodes")),
      Output(path: "Sources/EventModel/Generated/EventKind.swift", text: swiftKinds()),
      Output(path: "Sources/EventModel/Generated/Event+Body.swift", text: swiftEvents()),
      Output(path: "Sources/EventModel/Generated/Event+Text.swift", text: try swiftEventTexts()),
      Output(path: "Sources/EventModel/Generated/EventStructs.swift", text: swiftStructs()),
      Output(path: "Sources/EventModel/Generated/Limits.swift", text: swiftLimits()),
      Output(path: "Sources/EventModel/Generated/ControllerSetting.swift", text: swiftSettingTable()),
      Output(path: "Sources/Controller/Generated/ControllerConfiguration.swift", text: swiftConfiguration()),
      Output(path: "Sources/Journal/Generated/ControllerConfiguration+Record.swift", text: swiftConfigurationRecord()),
      Output(path: "Sources/EventCodec/Generated/Event+Encoding.swift", text: try swiftEncoder()),
      Output(path: "Sources/EventCodec/Generated/Event+Decoding.swift", text: try swiftDecoder()),
      Output(path: "Sources/EventCodec/Generated/EventFields.swift", text: try swiftFields()),
      Output(path: "Sources/EventJSON/Generated/Event+JSONEncoding.swift", text: swiftJSONEncoder()),
      Output(path: "Sources/EventJSON/Generated/Event+JSONDecoding.swift", text: swiftJSONDecoder()),
      Output(path: "Sources/RingmasterTestKit/Generated/Event+Lines.swift", text: swiftExampleLines()),
      Output(path: "Tests/EventCodecTests/Generated/RandomVocabulary+Events.swift", text: try swiftRandomEvents()),
      Output(path: "systemd/man/ringmaster-events.7", text: manPage()),
      Output(path: "Sources/python/ringmaster/vocabulary.py", text: try pythonModule()),
    ]
  }

  static func swiftFile(_ imports: [String]) -> Text {
    var out = Text()
    out.add("// \(Output.notice)")
    out.add("// swift-format-ignore-file")
    for module in imports { out.add("import \(module)") }
    out.add()
    return out
  }
}
