import CRingmaster
import Journal
import Platform

/// The secret by which a peer attaches again as itself. The journal holds its hash alone.
struct PeerToken {
  let bytes: [UInt8]

  static func random() throws -> PeerToken {
    PeerToken(bytes: try Machine.randomBytes(Int(RM_TOKEN_BYTES)))
  }

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  var hash: ChainHash {
    bytes.withUnsafeBytes { ChainHash(hashing: $0) }
  }
}
