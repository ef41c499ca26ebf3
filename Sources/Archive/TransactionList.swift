import EventJSON

/// The id of a transaction that tells of something with a handle.
struct TransactionLink: Hashable, Comparable {
  let entity: UInt64
  let transaction: UInt64

  static func < (left: TransactionLink, right: TransactionLink) -> Bool {
    (left.entity, left.transaction) < (right.entity, right.transaction)
  }
}

/// Many transactions that tell of something, in one row: one for each would cost as much as the transaction's.
struct TransactionList {
  let entity: UInt64
  let last: UInt64
  /// Where the text is that tells of those before the last.
  let back: Range<Int>

  /// Of one list: a reader that wants a few of them reads all.
  private static let most = 1000

  /// - Parameters:
  ///   - links: of one entity, in order. The same counts once.
  ///   - texts: gets the texts.
  ///   - each: gets the lists, the newest first.
  static func make(
    of links: some RandomAccessCollection<TransactionLink>, most: Int = Self.most, _ epoch: ArchiveEpoch,
    _ texts: inout [UInt8], _ each: (TransactionList) -> Void
  ) {
    var links = links.reversed().makeIterator()
    var next = links.next()
    while let last = next {
      let start = texts.count
      var (first, count) = (last.transaction, 1)
      next = links.next()
      while let link = next, link.transaction == first || count < most {
        next = links.next()
        guard link.transaction != first else { continue }
        texts.append(UInt8(ascii: ","))
        texts.append(decimal: first - link.transaction)
        first = link.transaction
        count += 1
      }
      each(TransactionList(entity: epoch.entity(last.entity), last: last.transaction, back: start..<texts.count))
    }
  }

  /// The lists of some entities.
  ///
  /// - Parameter links: in order.
  static func make(ofEach links: [TransactionLink], _ epoch: ArchiveEpoch, _ texts: inout [UInt8]) -> [TransactionList]
  {
    var lists: [TransactionList] = []
    var start = 0
    while start < links.count {
      var end = start + 1
      while end < links.count, links[end].entity == links[start].entity { end += 1 }
      make(of: links[start..<end], epoch, &texts) { lists.append($0) }
      start = end
    }
    return lists
  }

  /// The ids of a list, the newest first.
  static func ids(last: UInt64, back: String) -> [UInt64] {
    var ids = [last]
    for gap in back.utf8.split(separator: UInt8(ascii: ",")) {
      ids.append(ids[ids.count - 1] &- (UInt64(Substring(gap)) ?? 0))
    }
    return ids
  }
}
