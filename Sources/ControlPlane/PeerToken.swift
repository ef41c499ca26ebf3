import CRingmaster
import Journal
import Platform

/// The secret by which a peer attaches again as itself. The journal holds its hash alone.
package struct PeerToken {
  package let bytes: [UInt8]

  package static func random() throws -> PeerToken {
    PeerToken(bytes: try Machine.randomBytes(Int(RM_TOKEN_BYTES)))
  }

  package init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  package var hash: ChainHash {
    bytes.withUnsafeBytes { ChainHash(hashing: $0) }
  }
}
