/// What a job asks for, as far as a policy that asks by shape may look at it: where one job of a shape finds no room,
/// none does.
struct AskShape: Hashable, BitwiseCopyable, Sendable {
  /// What each task holds.
  let amounts: Amounts
  /// Which workers may have it.
  let rule: PlacementRule
  /// 0 for tasks that are placed one by one. Of a gang that waits as a whole, its size; one of which only a part waits has
  /// a shape of its own, and this is a number that no other has.
  private let gang: UInt64

  init(_ row: borrowing JobRow, _ ask: Amounts) {
    amounts = ask
    rule = row.rule
    if !row.isCoscheduled {
      gang = 0
    } else if row.counts[.pending] == Int(row.taskCount) {
      gang = UInt64(row.taskCount)
    } else {
      gang = Self.part | row.insertionNumber
    }
  }

  private static var part: UInt64 { 1 << 63 }

  /// How much a worker must have free for it to be worth asking. One that holds workers for a part of a gang is asked
  /// for in any case, even when no worker may get tasks: where there is no room for the rest, that part has to go.
  var needed: Amounts { gang & Self.part == 0 ? amounts : .none }
}

/// A job's place among those of its shape.
struct ShapedKey: Comparable, BitwiseCopyable, Sendable {
  let shape: UInt32
  let job: QueueKey

  static func < (left: ShapedKey, right: ShapedKey) -> Bool {
    left.shape != right.shape ? left.shape < right.shape : left.job < right.job
  }
}

/// A shape's place among the others: what needs less cpu first.
struct SizeKey: Comparable, BitwiseCopyable, Sendable {
  /// Less than anything when it needs none.
  let cpu: Int64
  let shape: UInt32

  init(_ ask: AskShape, shape: UInt32) {
    let milliCPU = ask.needed.milliCPU
    cpu = milliCPU == 0 ? .min + 1 : milliCPU
    self.shape = shape
  }

  static func < (left: SizeKey, right: SizeKey) -> Bool {
    left.cpu != right.cpu ? left.cpu < right.cpu : left.shape < right.shape
  }
}
