import CRingmaster
import EventCodec
import EventModel

/// What the dispatch thread does for readers in one turn, however many they are, counted in looks: at a slot of a table, at an
/// action or at a worker. Each reader has a slice, and the next turn begins where this one ended.
struct QueryDesk: ~Copyable {
  static let looksPerTurn = 4096
  /// Of one reader, before the next has its turn.
  static let looksPerSlice = 512
  /// What a row costs beside the looks that found it: to make, to encode and to write. A hundred rows take a fifth of a
  /// millisecond.
  static let looksPerRow = 32
  /// What beginning an explanation costs.
  static let looksPerSearch = 128

  /// The lane that is served first in the next turn.
  private(set) var nextLane = 0
  /// Rows written in all.
  private(set) var rows: UInt64 = 0
  private var writer = RecordWriter()

  /// Ends a turn.
  mutating func endTurn(before lane: Int?) {
    nextLane = lane ?? 0
  }

  /// Writes a query's next row, behind which its cursor is `next`.
  ///
  /// - Returns: false when the client's ring is full.
  mutating func write(
    _ row: Row, of query: inout PendingQuery, next: UInt64, to results: UnsafeMutablePointer<ResultLane>,
    _ looks: inout Int
  ) -> Bool {
    assert(query.rowsLeft > 0 && next > query.cursor, "a query goes forward, up to its limit")
    guard let record = try? writer.encode(row, request: query.request) else {
      preconditionFailure("a row does not fit a record")
    }
    looks -= Self.looksPerRow + record.count / Int(RM_SLOT_SIZE)
    guard (try? results.pointee.producer.tryPublish(record)) != nil else { return false }
    results.pointee.needsFlush = true
    rows &+= 1
    query.cursor = next
    query.rowsLeft -= 1
    return true
  }

  /// Writes that a query is answered, up to its cursor or to its end.
  ///
  /// - Returns: false when the client's ring is full.
  func finish(_ query: PendingQuery, isAtEnd: Bool, to results: UnsafeMutablePointer<ResultLane>) -> Bool {
    let head = rm_result_head.queryDone(request: query.request, next: isAtEnd ? nil : query.cursor)
    guard results.pointee.producer.tryPublish(head) != nil else { return false }
    results.pointee.needsFlush = true
    return true
  }
}
