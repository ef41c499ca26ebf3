import LogMessages
import Logging
import ServiceLog
import Testing

@Suite struct CatalogTests {
  /// Those that the journal itself adds to what a service sends.
  private static let trustedFields: Set = ["_SYSTEMD_UNIT"]
  /// Whose values are numbers, or come from the configuration.
  private static let harmlessFields: [LogField] = [.txn, .peer, .pid, .uid, .folder, .database]
  private static let programs: Set<Substring> = [
    "adduser", "cat", "cp", "df", "du", "fuser", "getent", "journalctl", "ringctl", "systemctl",
  ]

  private func name(_ field: LogField) throws -> String {
    try #require(JournalEntry.fieldName(field.rawValue))
  }

  @Test func eachMessageHasOneEntryAndEachEntryAMessage() throws {
    let ids = try Catalog().entries.map(\.id)
    #expect(ids.sorted() == LogMessage.allCases.map(\.id).sorted())
  }

  @Test(arguments: LogMessage.allCases)
  func idsAreAsTheJournalWantsThem(message: LogMessage) {
    #expect(message.id.wholeMatch(of: #/[0-9a-f]{32}/#) != nil)
    #expect(Set(message.id).count > 4, "random")
  }

  @Test(arguments: LogMessage.allCases)
  func entriesAreWhole(message: LogMessage) throws {
    let entry = try #require(try Catalog().entries.first { $0.id == message.id })
    #expect(entry.headers["Defined-By"] == "Ringmaster")
    #expect(entry.headers["Subject"]?.isEmpty == false)
    #expect(entry.headers["Support"] == "man:ringmaster(7)")
    #expect(Set(entry.headers.keys).isSubset(of: ["Subject", "Defined-By", "Support", "Documentation"]))
    #expect(entry.body.contains { !$0.isEmpty })
    if message.level >= .warning { #expect(!entry.commands.isEmpty, "names the next command") }
  }

  @Test(arguments: LogMessage.allCases)
  func itSpeaksOfFieldsThatAreThere(message: LogMessage) throws {
    let entry = try #require(try Catalog().entries.first { $0.id == message.id })
    let sent = Set(try message.fields.map(name))
    #expect(entry.fields.subtracting(Self.trustedFields).isSubset(of: sent), "\(message)")
  }

  @Test(arguments: LogMessage.allCases)
  func commandsContainNoTextFromOutside(message: LogMessage) throws {
    let entry = try #require(try Catalog().entries.first { $0.id == message.id })
    let harmless = Set(try Self.harmlessFields.map(name)).union(Self.trustedFields)
    for command in entry.commands {
      let fields = command.matches(of: #/@([A-Z0-9_]+)@/#).map { String($0.1) }
      #expect(Set(fields).isSubset(of: harmless), "\(command)")
      #expect(Self.programs.contains(command.prefix { $0 != " " }), "\(command)")
    }
  }
}
