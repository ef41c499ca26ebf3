import Controller
import Foundation
import Platform
import Testing

@testable import Journal

/// A journal that a program from before version 2 wrote: `Tests/Golden/version-1`.
@Suite struct EarlierJournalTests {
  private static let golden = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Golden/version-1").path

  @Test func itIsRefusedByItsVersionAndNotSalvaged() throws {
    let journal = try TestJournal()
    for name in try Folder.names(in: Self.golden) {
      try writeFile("\(journal.folder)/\(name)", try readFile("\(Self.golden)/\(name)"))
    }
    let path = try #require(try journal.segmentPaths.first)
    let before = try readFile(path)
    func expectOlder(_ read: () throws -> Void) {
      let error = #expect(throws: JournalError.self, performing: read)
      guard case .otherVersion(let other) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(other.subject == path && other.found == 1 && other.supported == 2...2 && !other.isNewer)
    }
    for salvages in [false, true] {
      expectOlder {
        _ = try JournalRecovery.run(
          folder: journal.folder, configuration: ControllerConfiguration(), salvages: salvages)
      }
    }
    expectOlder { _ = try JournalVerifier.run(folder: journal.folder) }
    expectOlder { _ = try JournalScan.beginning(folder: journal.folder, before: nil) }
    #expect(try readFile(path) == before)
  }
}
