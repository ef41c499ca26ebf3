import Controller
import DispatcherSettings
import EventModel
import Foundation
import Logging
import Testing

@testable import Dispatcher
@testable import Journal

/// A dispatcher behind one with other rules.
@Suite struct UpgradeTests {
  private static func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "upgrade-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private static func start(_ folder: String) throws -> Recovery {
    var settings = JournalSettings(folder: folder)
    settings.writer.segmentBytes = 128 << 10
    settings.writer.queueBytes = 32 << 10
    return try Recovery(settings, DispatcherConfiguration(), DispatcherParts(), Logger(label: "test"))
  }

  /// Whoever stops a dispatcher can install one with other rules.
  @Test func aStopLeavesASnapshotOfTheEnd() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "upgrade-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let dispatcher = try RunningDispatcher { $0.journal = JournalSettings(folder: folder) }
    let client = try dispatcher.client()
    _ = try await client.dispatch(.jobSubmitted("one", request: JobRequest()))
    #expect(!FileManager.default.fileExists(atPath: "\(folder)/stopped.rms"))
    dispatcher.stop()
    let journal = try JournalReader.journal(folder: folder, calls: .system)
    let stop = try #require(SnapshotStore.stop(folder: folder, of: journal, calls: .system))
    var reader = try JournalReader.open(folder: folder, mode: .recover)
    #expect(try reader.findEnd().position == stop.position)
    #expect(stop.machine == ControllerState.machineVersion && stop.state.jobs.count == 1)
  }

  /// With it, all others begin: those who read the journal, and starts after a kill.
  @Test func theStartBehindOtherRulesLeavesSnapshots() throws {
    try Self.withFolder { folder in
      do {
        // What the older dispatcher wrote and left: the same but for its number.
        let first = try Self.start(folder)
        _ = consume first
        try SnapshotKeeper.writeStop(folder: folder, configuration: ControllerConfiguration())
        let journal = try JournalReader.journal(folder: folder, calls: .system)
        var stop = try #require(SnapshotStore.stop(folder: folder, of: journal, calls: .system))
        stop.machine -= 1
        try SnapshotStore.writeStop(stop, folder: folder, calls: .system)
      }
      #expect(try SnapshotStore.commits(folder: folder).isEmpty)
      _ = try Self.start(folder)
      let commits = try SnapshotStore.commits(folder: folder)
      let machines = try commits.map { try SnapshotStore.read(folder: folder, commit: $0).machine }
      #expect(machines == [ControllerState.machineVersion - 1, ControllerState.machineVersion])
      _ = try Self.start(folder)
      #expect(try SnapshotStore.commits(folder: folder) == commits)
    }
  }
}
