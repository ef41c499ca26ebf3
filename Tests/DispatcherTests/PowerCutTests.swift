import Controller
import Dispatcher
import DispatcherSettings
import EventModel
import Foundation
import Journal
import Platform
import PowerCut
import RingmasterClient
import Testing

/// The power goes at each write of a dispatcher: what a client was told is durable is there afterwards.
@Suite("A dispatcher that loses its power", .serialized)
struct PowerCutTests {
  private static let jobs = 24

  private static func folder() -> String {
    FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)").path
  }

  private static func settings(_ folder: String) -> JournalSettings {
    var settings = JournalSettings(folder: folder)
    // A segment for about ten of these jobs.
    settings.writer.queueBytes = 32 << 10
    settings.writer.segmentBytes = 48 << 10
    return settings
  }

  private static func job(_ number: Int) -> Event {
    var request = JobRequest()
    request.reason = String(repeating: "z", count: 4000)
    return .jobSubmitted("job-\(number)", request: request)
  }

  /// Runs a dispatcher on a recorded disk and has a client submit jobs, one at a time and then several at once.
  private static func record(_ disk: RecordedDisk, folder: String) async throws {
    var parts = DispatcherParts()
    parts.journalCalls = disk.calls()
    let dispatcher = try RunningDispatcher(parts: parts) { $0.journal = settings(folder) }
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    disk.note(.begun(.max))
    for number in 0..<jobs / 2 {
      let result = try await client.dispatch(job(number))
      #expect(result.promise == .durable)
      disk.note(.told(try #require(result.transaction?.number)))
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in jobs / 2..<jobs {
        group.addTask {
          let result = try await client.dispatch(job(number))
          disk.note(.told(try #require(result.transaction?.number)))
        }
      }
      try await group.waitForAll()
    }
    client.close()
  }

  private static func write(_ image: [String: [UInt8]], to folder: String) throws {
    try? FileManager.default.removeItem(atPath: folder)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (name, bytes) in image { try Data(bytes).write(to: URL(filePath: "\(folder)/\(name)")) }
  }

  @Test func whatItToldIsThere() async throws {
    let folder = Self.folder()
    let image = Self.folder()
    defer { for path in [folder, image] { try? FileManager.default.removeItem(atPath: path) } }
    let disk = RecordedDisk()
    try await Self.record(disk, folder: folder)
    var hashes: [UInt64: ChainHash] = [0: .zero]
    var scan = try JournalScan.open(folder: folder)
    while let commit = try scan.next() { hashes[commit.number] = commit.end.hash }
    let steps = disk.steps
    #expect(steps.count { if case .rename = $0 { true } else { false } } > 2, "several segments")
    var power = LostPower()
    var cuts = 0
    for (index, step) in steps.enumerated() {
      power.take(step)
      if case .told = step { continue }
      let writes = power.uncertainWrites
      let lastBytes = writes.last?.bytes.count ?? 0
      for cut in Set([0, lastBytes / 3, lastBytes * 2 / 3, lastBytes]) {
        let left = power.image(names: power.uncertainNameCount) { number, write in
          number == writes.count - 1 ? write.bytes[..<cut] : write.bytes[...]
        }
        try Self.write(left, to: image)
        let recovery = try JournalRecovery.run(folder: image, configuration: ControllerConfiguration())
        let position = recovery.end.position
        #expect(position.lastTransaction >= power.told, "step \(index), cut at \(cut)")
        #expect(hashes[position.commit] == position.hash, "step \(index), cut at \(cut)")
        cuts += 1
      }
    }
    #expect(cuts > steps.count)
  }

  /// A dispatcher starts from what is left, shows it, and goes on.
  @Test(arguments: [30, 60, 90]) func theNextOneGoesOn(percentOfTheRun: Int) async throws {
    let folder = Self.folder()
    let image = Self.folder()
    defer { for path in [folder, image] { try? FileManager.default.removeItem(atPath: path) } }
    let disk = RecordedDisk()
    try await Self.record(disk, folder: folder)
    let steps = disk.steps
    var power = LostPower()
    for step in steps[..<(steps.count * percentOfTheRun / 100)] { power.take(step) }
    try Self.write(power.image(names: 0) { $1.bytes[..<($1.bytes.count / 2)] }, to: image)
    let known = try JournalRecovery.run(folder: image, configuration: ControllerConfiguration()).takeState()
    let before = known.totals.jobs.total
    let dispatcher = try RunningDispatcher { $0.journal = Self.settings(image) }
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    #expect(try await client.query(.jobs).count == before)
    let result = try await client.dispatch(Self.job(1000))
    #expect(result.promise == .durable && result.transaction?.outcome == .applied)
    #expect(try #require(result.transaction?.number) > power.told)
    client.close()
  }
}
