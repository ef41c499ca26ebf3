import EventModel
import Platform

/// Where each worker speaks from, by the index of its handle: flat, so that a heartbeat costs one look and one store.
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
  /// A worker that was not heard of for so long may register at another address.
  static let ownershipNs: UInt64 = 60_000_000_000

  private struct Place: BitwiseCopyable {
    var address: SocketAddress
    var heardNs: UInt64
    var generation: UInt32
    /// It registered there.
    var isOwn: Bool
  }

  private let memory: SharedMemory
  private let places: UnsafeMutablePointer<Place>
  /// The workers that registered here, by the hash of their names.
  private var byName: [Int: WorkerHandle] = [:]

  init() throws {
    memory = try SharedMemory.anonymous(size: Self.capacity * MemoryLayout<Place>.stride)
    places = memory.base.bindMemory(to: Place.self, capacity: Self.capacity)
  }

  /// Notes where a worker has registered.
  ///
  /// - Returns: false when it is heard of at another address, which is its own then.
  mutating func note(_ worker: WorkerHandle, named name: String?, at address: SocketAddress, atNs nowNs: UInt64) -> Bool
  {
    let index = Int(worker.index)
    guard index < Self.capacity else { return true }
    let place = places[index]
    let isElsewhere =
      place.generation == worker.generation && !place.address.hasHost(of: address)
      && nowNs &- place.heardNs <= Self.ownershipNs
    if isElsewhere {
      places[index].isOwn = true
    } else {
      places[index] = Place(address: address, heardNs: nowNs, generation: worker.generation, isOwn: true)
    }
    if let name, byName.count < Self.capacity || byName[name.hashValue] != nil { byName[name.hashValue] = worker }
    return !isElsewhere
  }

  /// May a heartbeat of a worker come from there? Then it was heard of.
  @inline(__always)
  func mayComeFrom(_ source: SocketAddress, _ worker: WorkerHandle, atNs nowNs: UInt64) -> Bool {
    let index = Int(worker.index)
    guard index < Self.capacity else { return true }
    if places[index].generation == worker.generation {
      guard !places[index].isOwn || places[index].address.hasHost(of: source) else { return false }
      places[index].address = source
      places[index].heardNs = nowNs
    } else if !places[index].isOwn || nowNs &- places[index].heardNs > Self.ownershipNs {
      places[index] = Place(address: source, heardNs: nowNs, generation: worker.generation, isOwn: false)
    }
    return true
  }

  /// May a worker of this name register there? Not while another address is that of one that is heard of.
  func mayRegister(_ name: String, from source: SocketAddress, atNs nowNs: UInt64) -> Bool {
    guard let worker = byName[name.hashValue] else { return true }
    let place = places[Int(worker.index)]
    return place.generation != worker.generation || !place.isOwn || place.address.hasHost(of: source)
      || nowNs &- place.heardNs > Self.ownershipNs
  }

  /// A worker is not registered any more.
  func forget(_ worker: WorkerHandle) {
    let index = Int(worker.index)
    if index < Self.capacity, places[index].generation == worker.generation {
      places[index] = Place(address: .none, heardNs: 0, generation: 0, isOwn: false)
    }
  }

  /// `none` when nothing came from it, nor from another incarnation of its handle.
  func address(of worker: WorkerHandle) -> SocketAddress {
    let index = Int(worker.index)
    return index < Self.capacity ? places[index].address : .none
  }
}
