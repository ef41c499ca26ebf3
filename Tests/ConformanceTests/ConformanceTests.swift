import Controller
import Foundation
import Testing

/// A case file of the folder under test.
struct CaseFile: Sendable, CustomTestStringConvertible {
  let url: URL

  var testDescription: String {
    url.deletingPathExtension().lastPathComponent
  }

  func load() throws -> ConformanceCase {
    try ConformanceCase(parsing: Array(Data(contentsOf: url)))
  }

  /// The cases of this package, or of the folder that RINGMASTER_CONFORMANCE names, with those below it.
  static let folder: URL? =
    if let path = ProcessInfo.processInfo.environment["RINGMASTER_CONFORMANCE"], !path.isEmpty {
      URL(fileURLWithPath: path, isDirectory: true)
    } else {
      Bundle.module.url(forResource: "Cases", withExtension: nil)
    }

  static let all: [CaseFile] = {
    guard let folder, let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil) else {
      return []
    }
    return files.compactMap { $0 as? URL }.filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }
      .map(CaseFile.init)
  }()
}

@Suite struct ConformanceTests {
  @Test func thereAreCases() throws {
    let folder = try #require(CaseFile.folder)
    #expect(!CaseFile.all.isEmpty, "no *.json in \(folder.path)")
  }

  @Test(arguments: CaseFile.all)
  func meetsTheCase(_ file: CaseFile) throws {
    let conformanceCase = try file.load()
    let run = CaseRun(conformanceCase)
    for failure in run.failures { Issue.record("\(failure)") }
    for check in conformanceCase.checks {
      for failure in check.failures(run.transactions[check.eventIndex].map(ObservedTransaction.init)) {
        Issue.record("\(failure)")
      }
    }
    for failure in conformanceCase.expectation.failures(ObservedState(run.state)) { Issue.record("\(failure)") }
  }

  @Test(arguments: CaseFile.all)
  func runsTheSameTwice(_ file: CaseFile) throws {
    let conformanceCase = try file.load()
    let first = CaseRun(conformanceCase)
    let second = CaseRun(conformanceCase)
    let isSameAccount = first.transactions == second.transactions
    let isSameState = first.state.save() == second.state.save()
    #expect(isSameAccount)
    #expect(isSameState)
  }

  /// The same case as lines of NDJSON through the program that people use.
  @Test(arguments: CaseFile.all)
  func meetsTheCaseThroughRingctl(_ file: CaseFile) throws {
    let conformanceCase = try file.load()
    let direct = CaseRun(conformanceCase)
    let run = try RingctlRun(conformanceCase, counts: direct.transactions.map(\.count))
    for check in conformanceCase.checks {
      for failure in check.failures(run.transactions[check.eventIndex]) { Issue.record("\(failure)") }
    }
    for failure in conformanceCase.expectation.failures(run.state) { Issue.record("\(failure)") }
    let observed = direct.transactions.map { $0.map(ObservedTransaction.init) }
    let state = ObservedState(direct.state)
    #expect(run.transactions == observed)
    #expect(run.state == state)
  }
}
