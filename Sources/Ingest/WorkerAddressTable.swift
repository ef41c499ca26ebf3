import CRingmaster
import EventModel
import Platform

/// Where each worker speaks from, by the index of its handle: flat, so that a heartbeat costs one look.
///
/// A worker's own address is where it registered with this ingest; its port may change. One that registered elsewhere, or
/// before this ingest started, is heard from anywhere: who speaks first would else keep out the others. Who registers under
/// its name while it is heard of does not get it. Nothing proves an address: that a datagram comes from there is what can be
/// checked without keys.
///
/// Room for `capacity` workers is reserved and only what is used is ever backed by memory. Workers beyond that are not
/// remembered: they are heard from anywhere, and hear of their loss by other means.
struct WorkerAddressTable: ~Copyable {
  static let capacity = 1 << 20
  /// A worker that was not heard of for so long, to the second, may register at another address.
  static let ownershipNs: UInt64 = 60_000_000_000

  /// What every heartbeat looks at: 16 bytes, so that four workers share a cache line.
  private struct Row: BitwiseCopyable, Equatable {
    /// Of the address it spoke from last.
    var source: UInt64
    var generation: UInt32
    /// When it spoke last, and in the highest bit whether it registered there.
    var heard: UInt32

    static let own: UInt32 = 1 << 31

    var isOwn: Bool { heard & Self.own != 0 }
  }

  /// Where datagrams come from, and when.
  struct Source {
    let address: SocketAddress
    fileprivate let hash: UInt64
    fileprivate let heard: UInt32

    init(_ address: SocketAddress, atNs nowNs: UInt64) {
      self.address = address
      hash = UInt64(truncatingIfNeeded: address.hashValue)
      heard = WorkerAddressTable.moment(nowNs)
    }
  }

  private let memory: SharedMemory
  private let rows: UnsafeMutablePointer<Row>
  private let addresses: UnsafeMutablePointer<SocketAddress>
  /// The workers that registered here, by the hash of their names.
  private var byName: [Int: WorkerHandle] = [:]

  init() throws {
    let rowBytes = Self.capacity * MemoryLayout<Row>.stride
    memory = try SharedMemory.anonymous(size: rowBytes + Self.capacity * MemoryLayout<SocketAddress>.stride)
    rows = memory.base.bindMemory(to: Row.self, capacity: Self.capacity)
    addresses = (memory.base + rowBytes).bindMemory(to: SocketAddress.self, capacity: Self.capacity)
  }

  /// In units of 2^30 ns, about a second.
  private static func moment(_ nowNs: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: nowNs >> 30) & ~Row.own
  }

  /// Was the worker not heard of for `ownershipNs`?
  private func isSilent(_ row: Row, at moment: UInt32) -> Bool {
    (moment &- row.heard) & ~Row.own > Self.moment(Self.ownershipNs)
  }

  private func set(_ index: Int, _ generation: UInt32, _ source: Source, isOwn: Bool) {
    rows[index] = Row(source: source.hash, generation: generation, heard: source.heard | (isOwn ? Row.own : 0))
    addresses[index] = source.address
  }

  /// Notes where a worker has registered.
  ///
  /// - Returns: false when it is heard of at another address, which is its own then.
  mutating func note(_ worker: WorkerHandle, named name: String?, at source: Source) -> Bool {
    let index = Int(worker.index)
    guard index < Self.capacity else { return true }
    let row = rows[index]
    let isElsewhere =
      row.generation == worker.generation && !addresses[index].hasHost(of: source.address)
      && !isSilent(row, at: source.heard)
    if isElsewhere {
      rows[index].heard |= Row.own
    } else {
      set(index, worker.generation, source, isOwn: true)
    }
    if let name, byName.count < Self.capacity || byName[name.hashValue] != nil { byName[name.hashValue] = worker }
    return !isElsewhere
  }

  /// Fetches what `mayComeFrom` will look at.
  @inline(__always)
  func prefetch(_ worker: WorkerHandle) {
    rm_prefetch_for_read(rows + Int(min(worker.index, UInt32(Self.capacity - 1))))
  }

  /// May a heartbeat of a worker come from there? Then it was heard of.
  @inline(__always)
  func mayComeFrom(_ source: Source, _ worker: WorkerHandle) -> Bool {
    let index = Int(worker.index)
    guard index < Self.capacity else { return true }
    let row = rows[index]
    let now = Row(source: source.hash, generation: worker.generation, heard: source.heard | row.heard & Row.own)
    return row == now || moves(index, worker.generation, from: row, to: source)
  }

  /// The same for a worker that was heard of at another moment, at another address, or never.
  @inline(never)
  private func moves(_ index: Int, _ generation: UInt32, from row: Row, to source: Source) -> Bool {
    if row.generation == generation {
      if row.source == source.hash {
        rows[index].heard = source.heard | row.heard & Row.own
        return true
      }
      guard !row.isOwn || addresses[index].hasHost(of: source.address) else { return false }
      set(index, generation, source, isOwn: row.isOwn)
    } else if !row.isOwn || isSilent(row, at: source.heard) {
      set(index, generation, source, isOwn: false)
    }
    return true
  }

  /// May a worker of this name register there? Not while another address is that of one that is heard of.
  func mayRegister(_ name: String, from source: Source) -> Bool {
    guard let worker = byName[name.hashValue] else { return true }
    let row = rows[Int(worker.index)]
    return row.generation != worker.generation || !row.isOwn
      || addresses[Int(worker.index)].hasHost(of: source.address) || isSilent(row, at: source.heard)
  }

  /// A worker is not registered any more.
  func forget(_ worker: WorkerHandle) {
    let index = Int(worker.index)
    guard index < Self.capacity, rows[index].generation == worker.generation else { return }
    rows[index] = Row(source: 0, generation: 0, heard: 0)
    addresses[index] = .none
  }

  /// `none` when nothing came from it, nor from another incarnation of its handle.
  func address(of worker: WorkerHandle) -> SocketAddress {
    let index = Int(worker.index)
    return index < Self.capacity ? addresses[index] : .none
  }
}
