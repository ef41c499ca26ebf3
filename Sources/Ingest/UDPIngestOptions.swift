import CRingmaster
import Platform
import RingmasterClient
import Telemetry

/// How the UDP ingest runs.
public struct UDPIngestOptions: Sendable {
  /// Where workers send to; with port 0 the kernel chooses one.
  public var listenAddress: SocketAddress
  /// Of the dispatcher's control socket.
  public var socketPath = UDPIngestOptions.defaultSocketPath
  /// Names the counter page, with `name`.
  public var instance = UDPIngestOptions.defaultInstance
  /// Of the peer and of its counter page. Two ingests of one instance need two names.
  public var name = UDPIngestOptions.defaultName
  /// What the kernel is asked to keep while the dispatcher is behind.
  public var receiveBufferBytes = UDPIngestOptions.defaultReceiveBufferBytes
  /// Slots of the submission ring, a power of two. A heartbeat takes one.
  public var ringCapacity = UDPIngestOptions.defaultRingCapacity
  /// Who may read the counters, beside this user and root.
  public var counterReaders = CounterReaders()

  /// This machine alone: nothing proves who sent a datagram.
  public static let defaultListenAddress = SocketAddress.loopback(port: 7400)
  public static let defaultSocketPath = AttachOptions.defaultSocketPath
  public static let defaultInstance = "default"
  public static let defaultName = "ingest-udp"
  public static let defaultReceiveBufferBytes = 16 << 20
  /// A MiB, which stays in a processor's cache. A larger ring holds more heartbeats while there is no dispatcher, and
  /// passes on fewer in a second.
  public static let defaultRingCapacity = 16_384
  /// Slots for results: of registrations alone.
  static let resultCapacity = 8192

  /// May a ring have so many slots?
  public static func isRingCapacity(_ slots: Int) -> Bool {
    (Int(RM_RING_MIN_CAPACITY)...Int(RM_RING_MAX_CAPACITY)).contains(slots) && slots & (slots - 1) == 0
  }

  public init(listenAddress: SocketAddress) {
    self.listenAddress = listenAddress
  }
}

/// Every limit of the UDP ingest.
enum UDPIngestLimits {
  /// The longest that one receive call's heartbeats wait for room in the ring; then the rest is shed. Meanwhile the
  /// kernel's buffer takes what comes.
  static let fullRingWaitNs: UInt64 = 50_000_000
  /// Turns of that wait that only yield the processor, before it sleeps between looks.
  static let fullRingYields = 16
  static let fullRingNapUs: Int64 = 500
  /// Registrations whose results are awaited.
  static let pendingAnswers = 16_384
  /// How often it tells how far it has heard: half as often as it must.
  static let heardMs = Int32(RM_HEARD_INTERVAL_MS) / 2
  /// How often a busy loop looks whether it is to stop.
  static let stopCheckNs: UInt64 = 10_000_000
  /// How long it goes on reading after the signal to stop, while workers go on sending.
  static let drainNs: UInt64 = 500_000_000
}
