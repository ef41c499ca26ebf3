import Platform

/// Registrations on their way through the dispatcher: which event's result is to be answered where. Bounded: a new one
/// pushes the oldest out, whose worker then repeats its registration.
///
/// Positions only grow, so the ring of entries is sorted and a look-up is a binary search.
struct PendingAnswers: ~Copyable {
  struct Entry: BitwiseCopyable {
    var position: UInt64
    var request: UInt64
    /// `none` once answered.
    var address: SocketAddress
  }

  private let entries: UnsafeMutableBufferPointer<Entry>
  /// Of the oldest entry; counts on, the place is its remainder.
  private var first = 0
  private(set) var count = 0

  init(capacity: Int) {
    precondition(capacity > 0, "room for one entry at least")
    entries = .allocate(capacity: capacity)
    entries.initialize(repeating: Entry(position: 0, request: 0, address: .none))
  }

  deinit {
    entries.deallocate()
  }

  private func place(_ index: Int) -> Int {
    (first + index) % entries.count
  }

  /// - Parameter position: higher than all before.
  mutating func append(position: UInt64, request: UInt64, address: SocketAddress) {
    precondition(count == 0 || entries[place(count - 1)].position < position, "positions grow")
    if count == entries.count {
      first = place(1)
      count -= 1
    }
    entries[place(count)] = Entry(position: position, request: request, address: address)
    count += 1
  }

  /// Takes out the entry of an event; nil when it was pushed out or answered.
  mutating func take(position: UInt64) -> (request: UInt64, address: SocketAddress)? {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if entries[place(middle)].position < position { low = middle + 1 } else { high = middle }
    }
    guard low < count, entries[place(low)].position == position else { return nil }
    let found = entries[place(low)]
    entries[place(low)].address = .none
    while count > 0, entries[place(0)].address.isNone {
      first = place(1)
      count -= 1
    }
    return found.address.isNone ? nil : (found.request, found.address)
  }
}
