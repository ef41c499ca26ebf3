import CRingmaster
import Controller
import Testing

@testable import Journal

/// A setting that decides something and is not in the journal would let a replay come to another state.
@Suite struct ConfigurationRecordTests {
  /// Gives a setting another value than it has.
  private typealias Change = @Sendable (inout ControllerConfiguration) -> Void

  private static func changing<Number: FixedWidthInteger & SendableMetatype>(
    _ setting: WritableKeyPath<ControllerConfiguration, Number> & Sendable
  ) -> Change {
    { $0[keyPath: setting] += 1 }
  }

  /// Every setting but the sizes of the log, which decide nothing.
  private static let decisive: [Change] = [
    changing(\.workerTimeoutMs), changing(\.heartbeatFailureThreshold), changing(\.jobRetentionMs),
    changing(\.deliveryRetries), changing(\.gangRetryDelayMs), changing(\.stallThresholdMs),
    changing(\.restartGraceMs), changing(\.restartSpreadMs), changing(\.silentSharePercent),
    changing(\.brakeEngageSharePercent), changing(\.brakeReleaseSharePercent), changing(\.brakeMinimumWorkers),
    changing(\.brakeExpiriesPerMinute), changing(\.assignmentTimeoutMs), changing(\.reservationAfterMs),
  ]
  private static let ofTheLog: [Change] = [
    changing(\.transactionLogCapacity), changing(\.transactionLogActionCapacity),
  ]

  private static func values(_ configuration: ControllerConfiguration) -> [String] {
    Mirror(reflecting: configuration).children.map { "\($0.label ?? "?"): \($0.value)" }
  }

  private static func recorded(_ configuration: ControllerConfiguration) throws -> ControllerConfiguration {
    try #require(ControllerConfiguration(rm_journal_configuration(configuration)))
  }

  /// Each stored property is changed by exactly one entry above, so one that is new is missed here first.
  @Test func everySettingIsChangedHere() {
    let standard = Self.values(ControllerConfiguration())
    var changed: [Int] = []
    for change in Self.decisive + Self.ofTheLog {
      var configuration = ControllerConfiguration()
      change(&configuration)
      let values = Self.values(configuration)
      changed += values.indices.filter { values[$0] != standard[$0] }
    }
    #expect(changed.sorted() == Array(standard.indices), "of \(standard)")
  }

  @Test func everySettingThatDecidesSomethingIsRecorded() throws {
    for change in Self.decisive {
      var configuration = ControllerConfiguration()
      change(&configuration)
      #expect(try Self.recorded(configuration) == configuration)
    }
    for change in Self.ofTheLog {
      var configuration = ControllerConfiguration()
      change(&configuration)
      #expect(try Self.recorded(configuration) == ControllerConfiguration())
      #expect(try Self.recorded(configuration).keepingLogSizes(of: configuration) == configuration)
    }
  }

  /// The same for the lines of a dump.
  @Test func everySettingThatDecidesSomethingIsDumped() {
    for change in Self.decisive {
      var configuration = ControllerConfiguration()
      change(&configuration)
      var told = ControllerConfiguration()
      for (setting, value) in configuration.decisive { told[setting] = value }
      #expect(told == configuration)
    }
  }
}
