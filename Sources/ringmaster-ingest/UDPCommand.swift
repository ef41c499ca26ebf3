import ArgumentParser
import Ingest
import Logging
import Platform
import RingmasterClient
import ServiceLog

struct UDPCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "udp",
    abstract: "Takes heartbeats and registrations of workers in as UDP datagrams.",
    discussion: """
      Prints one line with the address it listens on once it can be used, and logs to standard error; as a service of \
      systemd, to its journal, with fields that "man ringmaster" lists. A worker sends \
      REGISTER until it gets its handle in a REGISTERED answer, then HEARTBEATS with that handle; UNKNOWN tells it to \
      register again. ringmaster.h describes the datagrams.

      Nothing proves who sent a datagram, so it listens to this machine alone, unless --listen names another address: one \
      that only the fleet can reach. A worker's heartbeats, and registrations while it is alive, are taken from the address \
      alone at which it registered here, and of registrations so many from one source; others are counted and refused.

      A socket that systemd passes (ringmaster-ingest@udp.socket) comes before --listen: it holds what workers send while \
      this program is started again.

      When the ring is full it stops reading for a while, so that the kernel's buffer takes what comes, and then gives \
      heartbeats up. What was given up, or was no datagram of ours, is counted: see "ringctl counters".

      SIGTERM publishes what has arrived and exits 0. It exits 1 when the dispatcher is gone, for a service manager to \
      start it again.
      """)

  @Option(
    help: ArgumentHelp("Where workers send to: 127.0.0.1:7400, [::]:7400; port 0 picks one.", valueName: "addr:port"))
  var listen = UDPIngestOptions.defaultListenAddress

  @Option(help: ArgumentHelp("The dispatcher's control socket; else RINGMASTER_SOCKET names it.", valueName: "path"))
  var socket = AttachOptions.socketPath

  @Option(help: "The dispatcher's instance; names the counters.")
  var instance = UDPIngestOptions.defaultInstance

  @Option(help: "Of this ingest, in the list of peers and for its counters. Two of one instance need two names.")
  var name = UDPIngestOptions.defaultName

  @Option(help: ArgumentHelp("What the kernel keeps while the dispatcher is behind.", valueName: "bytes"))
  var receiveBuffer = UDPIngestOptions.defaultReceiveBufferBytes

  @Option(
    help: ArgumentHelp(
      """
      Size of the submission ring: a power of two from 64 to 1048576. It holds as many heartbeats while the dispatcher is \
      restarted; one beyond the processor's cache is slower.
      """, valueName: "slots"))
  var ringCapacity = UDPIngestOptions.defaultRingCapacity

  @Option(
    help: ArgumentHelp(
      "A group whose members may read the counters, beside this user and root. May be repeated.",
      valueName: "name or gid"))
  var counterReaders: [String] = []

  @Option(help: "Least severe level that is logged: trace, debug, info, notice, warning, error, critical.")
  var logLevel = Logger.Level.info

  func validate() throws {
    guard receiveBuffer > 0 else { throw ValidationError("--receive-buffer: expected more than 0 bytes") }
    guard UDPIngestOptions.isRingCapacity(ringCapacity) else {
      throw ValidationError("--ring-capacity: expected a power of two from 64 to 1048576, got \(ringCapacity)")
    }
    for group in counterReaders where Machine.groupID(group) == nil {
      throw ValidationError("--counter-readers: there is no group \(group)")
    }
  }

  func run() throws {
    var options = UDPIngestOptions(listenAddress: listen)
    options.socketPath = socket
    options.instance = instance
    options.name = name
    options.receiveBufferBytes = receiveBuffer
    options.ringCapacity = ringCapacity
    options.counterReaders.groups = Set(counterReaders.compactMap(Machine.groupID))
    let log = try ServiceLog.open(label: "ringmaster-ingest", level: logLevel)
    defer { log.flush() }
    var ingest = try UDPIngest(options, logger: log.logger)
    try StandardStream.output.writeLine("listening on \(ingest.listenAddress)")
    guard case .stopped = try ingest.run() else { throw ExitCode.failure }
  }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}

extension SocketAddress: ExpressibleByArgument {
  public init?(argument: String) {
    guard let address = try? SocketAddress(argument) else { return nil }
    self = address
  }
}
