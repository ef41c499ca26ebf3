import Telemetry

/// The counters of the UDP ingest. Heartbeats received = published + shed + invalid + foreign; datagrams received = those of
/// heartbeats and registrations + all bad ones.
public enum UDPIngestCounter: String, CounterLabel {
  case datagramsReceived = "datagrams_received"
  case datagramsTruncated = "datagrams_truncated"
  case datagramsBadSize = "datagrams_bad_size"
  case datagramsBadMagic = "datagrams_bad_magic"
  case datagramsBadVersion = "datagrams_bad_version"
  case datagramsBadKind = "datagrams_bad_kind"
  case datagramsBadCount = "datagrams_bad_count"
  case datagramsBadRegistration = "datagrams_bad_registration"
  case heartbeatsReceived = "heartbeats_received"
  case heartbeatsPublished = "heartbeats_published"
  /// Given up because the ring stayed full.
  case heartbeatsShed = "heartbeats_shed"
  /// Named no worker that could ever exist.
  case heartbeatsInvalid = "heartbeats_invalid"
  /// The dispatcher said that their worker is not registered.
  case heartbeatsRefused = "heartbeats_refused"
  /// Came from another address than their worker's.
  case heartbeatsForeign = "heartbeats_foreign"
  /// The same, while the worker was heard of at its own.
  case registrationsForeign = "registrations_foreign"
  /// Their source sent too many.
  case registrationsLimited = "registrations_limited"
  case registrationsReceived = "registrations_received"
  /// Given up because the ring stayed full: the worker repeats them.
  case registrationsShed = "registrations_shed"
  case registrationsAcknowledged = "registrations_acknowledged"
  case registrationsRefused = "registrations_refused"
  /// Answers that the kernel did not take: the worker repeats its registration or heartbeat.
  case answersUnsent = "answers_unsent"
  /// Results that the result ring had no room for, in runs: the workers repeat their registrations.
  case resultOverruns = "result_overruns"
  /// Datagrams that the kernel had no room for.
  case kernelDropped = "kernel_dropped"
  /// Times that the submission ring had no room.
  case ringFull = "ring_full"
  /// Times that it attached again after a dispatcher had ended.
  case attachedAgain = "attached_again"

  /// The counter of datagrams that were not understood for this reason.
  public init(_ fault: Datagram.Fault) {
    self =
      switch fault {
      case .truncated: .datagramsTruncated
      case .badSize: .datagramsBadSize
      case .badMagic: .datagramsBadMagic
      case .badVersion: .datagramsBadVersion
      case .badKind: .datagramsBadKind
      case .badCount: .datagramsBadCount
      case .badRegistration: .datagramsBadRegistration
      }
  }
}
