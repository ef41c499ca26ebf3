import EventModel

/// A name under which a running task can be found.
struct EndpointRow: Sendable {
  var name: String
  /// The task's slot.
  var task: UInt32
  /// The endpoints of the same task.
  var next = noSlot
}

/// The endpoints of all running tasks.
struct EndpointTable: ~Copyable, Sendable {
  private(set) var rows: [EndpointRow] = []
  private var free: [UInt32] = []
  private var slotsByName: [ByteText: UInt32] = [:]
  /// The sum of the digests of the endpoints.
  private(set) var digestSum: UInt64 = 0

  /// Puts an endpoint at the head of a task's list, which begins at `first`.
  mutating func add(_ name: String, task: Int, first: inout UInt32) {
    precondition(slotsByName[ByteText(name)] == nil, "an endpoint is one task's")
    let row = EndpointRow(name: name, task: UInt32(task), next: first)
    digestSum &+= Self.digest(row)
    let slot: UInt32
    if let freed = free.popLast() {
      slot = freed
      rows[Int(slot)] = row
    } else {
      slot = UInt32(rows.count)
      rows.append(row)
    }
    slotsByName[ByteText(name)] = slot
    first = slot
  }

  /// Takes one endpoint out of a task's list.
  mutating func remove(_ endpoint: UInt32, first: inout UInt32) {
    precondition(first != noSlot, "an endpoint is in the list of its task")
    if first == endpoint {
      first = rows[Int(endpoint)].next
    } else {
      var before = first
      while rows[Int(before)].next != endpoint { before = rows[Int(before)].next }
      rows[Int(before)].next = rows[Int(endpoint)].next
    }
    release(endpoint)
  }

  /// Takes all of a task's endpoints away.
  mutating func removeAll(first: inout UInt32) {
    while first != noSlot {
      let endpoint = first
      first = rows[Int(endpoint)].next
      release(endpoint)
    }
  }

  private mutating func release(_ endpoint: UInt32) {
    precondition(rows[Int(endpoint)].task != noSlot, "an endpoint is released once")
    digestSum &-= Self.digest(rows[Int(endpoint)])
    slotsByName[ByteText(rows[Int(endpoint)].name)] = nil
    rows[Int(endpoint)] = EndpointRow(name: "", task: noSlot)
    free.append(endpoint)
  }

  private static func digest(_ row: EndpointRow) -> UInt64 {
    StateDigest.ofEntry(.endpoint, position: Int(row.task), StateDigest.ofText(row.name))
  }

  /// `digestSum`, made of the rows alone.
  var recomputedDigestSum: UInt64 {
    rows.reduce(0) { $1.task == noSlot ? $0 : $0 &+ Self.digest($1) }
  }

  func slot(named name: String) -> UInt32? {
    slotsByName[ByteText(name)]
  }

  /// The names in a task's list, in the order of their bytes: in which they were registered is not remembered.
  func names(first: UInt32) -> [String] {
    var names: [String] = []
    var slot = first
    while slot != noSlot {
      names.append(rows[Int(slot)].name)
      slot = rows[Int(slot)].next
    }
    names.sort { $0.precedes($1) }
    return names
  }

  func count(first: UInt32) -> Int {
    var count = 0
    var slot = first
    while slot != noSlot {
      count += 1
      slot = rows[Int(slot)].next
    }
    return count
  }

  func task(of endpoint: UInt32) -> Int {
    Int(rows[Int(endpoint)].task)
  }

  var count: Int { slotsByName.count }

  /// Slots in the order of the names.
  var slotsInNameOrder: [Int] {
    rows.indices.filter { rows[$0].task != noSlot }.sorted { rows[$0].name.precedes(rows[$1].name) }
  }
}
