import CRingmaster
import EventModel

/// What workers and the UDP ingest say to each other.
///
/// All integers are little-endian; there is no padding beyond what is shown, and a datagram is exactly as long as its
/// contents, at most 1232 bytes: what every path of IPv6 carries in one piece. The C structures are `rm_datagram_*` in `ringmaster.h`.
///
/// ```
/// header, 16 bytes
///    0  u32  magic      0x48424d52, the bytes "RMBH"
///    4  u8   version    1
///    5  u8   kind       see below
///    6  u16  count      entries that follow
///    8  u64  reserved   0; not looked at
///
/// kind 1, HEARTBEATS, worker -> ingest: 1 to 152 handles of workers that are alive
///   16  u64  handle     one for each; as REGISTERED said it
///
/// kind 2, REGISTER, worker -> ingest: count 1, 816 bytes, the devices and the attributes
///   16  u64  request    the worker's own number for it, returned in the answer
///   24  i64  milli_cpu  thousandths of a cpu that tasks may hold
///   32  i64  memory_bytes  memory that tasks may hold
///   40  u32  devices    kinds of devices that follow
///   44  u32  reserved   0
///   48  256  name       UTF-8, ended by NUL, the rest is not looked at; 1 to 255 bytes without control characters
///  304  256  address    the same, or empty: then the address that the datagram came from
///  560  256  incarnation  the same, or empty for none
///  816  ...  its kinds of devices: u8 bytes of the name, u32 count, name
///  ...  ...  attributes of the worker, up to the end: u8 bytes of the key, u8 bytes of the value, key, value; "zone" is one
///
/// kind 3, REGISTERED, ingest -> worker: count 1, 40 bytes in all
///   16  u64  request
///   24  u64  handle     the worker's from now on; 0 when refused
///   32  u32  reason     when refused: the RejectionReason
///   36  u32  reserved   0
///
/// kind 4, UNKNOWN, ingest -> worker: 1 to 152 handles that name no worker any more: register again
///   16  u64  handle
/// ```
///
/// UDP loses datagrams: a worker repeats REGISTER until the answer comes, and sends heartbeats several times within the
/// timeout. Nothing proves who sent a datagram, so listen where only the fleet can reach it.
public enum Datagram: Sendable {
  case heartbeats(WorkerHandleList)
  case register(Registration)
  case registered(Acknowledgement)
  case unknown(WorkerHandleList)

  /// A worker's request to be known.
  public struct Registration: Hashable, Sendable {
    /// The worker's own number for it.
    public let request: UInt64
    public let name: String
    /// Where the worker can be reached; empty: where the datagram came from.
    public let address: String
    public let incarnation: String?
    public let capacity: Resources
    /// The zone of the worker is the one with the key `zone`.
    public let attributes: [WorkerMetadata.Attribute]

    public init(
      request: UInt64, name: String, address: String, incarnation: String?, capacity: Resources,
      attributes: [WorkerMetadata.Attribute] = []
    ) {
      self.attributes = attributes
      self.request = request
      self.name = name
      self.address = address
      self.incarnation = incarnation
      self.capacity = capacity
    }
  }

  /// The answer to a registration.
  public struct Acknowledgement: Hashable, Sendable {
    public let request: UInt64
    /// `none` when it was refused.
    public let worker: WorkerHandle
    /// Why it was refused.
    public let reason: RejectionReason?

    public init(request: UInt64, worker: WorkerHandle) {
      self.request = request
      self.worker = worker
      self.reason = nil
    }

    public init(request: UInt64, refused reason: RejectionReason) {
      self.request = request
      self.worker = .none
      self.reason = reason
    }
  }

  /// Why a datagram was not understood. Each has its counter.
  public enum Fault: Error, Hashable, Sendable, CaseIterable {
    /// Longer than any datagram may be.
    case truncated
    /// Not as long as its kind and count say, or shorter than a header.
    case badSize
    case badMagic
    case badVersion
    case badKind
    /// No entries, or more than a datagram may have.
    case badCount
    /// A registration whose texts or numbers are outside their limits.
    case badRegistration
  }

  public static let headerBytes = MemoryLayout<rm_datagram_header>.size
  public static let maxHandles = Int(RM_DATAGRAM_MAX_HEARTBEATS)
  public static let maxBytes = Int(RM_DATAGRAM_MAX_BYTES)

  enum Kind {
    static let heartbeats = UInt8(RM_DATAGRAM_HEARTBEATS)
    static let register = UInt8(RM_DATAGRAM_REGISTER)
    static let registered = UInt8(RM_DATAGRAM_REGISTERED)
    static let unknown = UInt8(RM_DATAGRAM_UNKNOWN)
  }
}

/// The handles of a datagram, read where they lie: valid as long as the datagram's bytes.
///
/// They are the sender's word and may be anything.
@frozen
public struct WorkerHandleList: RandomAccessCollection, @unchecked Sendable, BitwiseCopyable {
  @usableFromInline let bytes: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  @inlinable
  public var startIndex: Int {
    0
  }

  @inlinable
  public var endIndex: Int {
    bytes.count / MemoryLayout<UInt64>.size
  }

  @inlinable
  public subscript(index: Int) -> WorkerHandle {
    let raw = bytes.loadUnaligned(fromByteOffset: index &* MemoryLayout<UInt64>.size, as: UInt64.self)
    return WorkerHandle(rawValue: UInt64(littleEndian: raw))
  }
}
