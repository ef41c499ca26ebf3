import EventModel
import Platform

/// Where each worker's datagrams last came from, by the index of its handle: flat, so that noting it costs one store.
///
/// Room for `capacity` workers is reserved and only what is used is ever backed by memory. Workers beyond that are not
/// remembered: they hear of their loss by other means.
struct WorkerAddressTable: ~Copyable {
  static let capacity = 1 << 20

  private let memory: SharedMemory
  private let addresses: UnsafeMutablePointer<SocketAddress>

  init() throws {
    memory = try SharedMemory.anonymous(size: Self.capacity * MemoryLayout<SocketAddress>.stride)
    addresses = memory.base.bindMemory(to: SocketAddress.self, capacity: Self.capacity)
  }

  @inline(__always)
  func note(_ worker: WorkerHandle, at address: SocketAddress) {
    let index = Int(worker.index)
    if index < Self.capacity { addresses[index] = address }
  }

  /// `none` when nothing came from it.
  func address(of worker: WorkerHandle) -> SocketAddress {
    let index = Int(worker.index)
    return index < Self.capacity ? addresses[index] : .none
  }
}
