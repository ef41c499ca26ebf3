/// What the other side of a benchmark does in one round.
struct PartnerTask: Codable, Sendable {
  enum Work: String, Codable, Sendable {
    /// Publishes `records`, in batches of `batch`, to each of `rings` in turn.
    case produce
    /// Sends back on `rings[1]` what comes on `rings[0]`.
    case answer
    /// Answers the bare cache-line ping-pong; `batch` 1 puts both words on one line.
    case bounce
    /// The same two over another design.
    case peerSend
    case peerAnswer
    /// Receives datagrams on the socket at `path` until told to stop, and drops them.
    case receiveDatagrams
  }

  var work: Work
  var round: UInt64 = 0
  var rings: [String] = []
  var records: UInt64 = 0
  var batch = 1
  /// Of a peer design.
  var design: Int32 = 0
  var capacity = 0
  /// Prefix of names in the file system.
  var path = ""
}
