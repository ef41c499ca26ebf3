/// The results that a client has still to be sent, in the order they were made.
///
/// Answers to the client's own events and results of others' events wait in queues of their own, so that what others cause
/// never pushes an answer out. Both are bounded in bytes. What is given up leaves its place: the client reads an overrun
/// exactly where the results would have been.
struct Outbox {
  /// What comes next.
  enum Item {
    case result(StoredResult)
    /// Transactions whose results for this client were given up; nothing in between is sent. It may be told once `record`
    /// of the journal is durable: a client that knows of a transaction shows that the journal had it.
    case lost(ClosedRange<UInt64>, record: UInt64)
  }

  private struct Waiting {
    let sequence: UInt64
    let result: StoredResult
  }

  private struct Loss {
    let firstSequence: UInt64
    var lastSequence: UInt64
    var transactions: ClosedRange<UInt64>
    /// The newest of theirs in the journal.
    var record: UInt64

    mutating func join(_ transactions: ClosedRange<UInt64>, record: UInt64) {
      self.transactions =
        min(
          self.transactions.lowerBound, transactions.lowerBound)...max(
          self.transactions.upperBound, transactions.upperBound)
      self.record = max(self.record, record)
    }
  }

  private var answers = Queue<Waiting>()
  private var others = Queue<Waiting>()
  private var losses = Queue<Loss>()
  private var nextSequence: UInt64 = 0
  /// Of the results that wait; one that waits in several outboxes counts in each.
  private(set) var answerBytes = 0
  private(set) var otherBytes = 0
  /// Of the answers that were put in when the client came back, which may be more than may wait otherwise; 0 once fewer
  /// wait.
  private(set) var resentBytes = 0
  /// For each of the two queues. A single result may be larger.
  let limitBytes: Int
  /// When there first were as many answers as may wait; nil while there are fewer than half of them.
  var fullSinceNs: UInt64?
  /// The record of the front result that comes next.
  var nextRecord = 0

  init(limitBytes: Int) {
    self.limitBytes = limitBytes
  }

  var isEmpty: Bool {
    answers.isEmpty && others.isEmpty && losses.isEmpty
  }

  /// The newest of each kind may be of any size.
  var answerBytesBeforeNewest: Int { answerBytes - (answers.last?.result.bytes ?? 0) }
  var otherBytesBeforeNewest: Int { otherBytes - (others.last?.result.bytes ?? 0) }
  var resultCount: Int { answers.count + others.count }
  var lossCount: Int { losses.count }

  /// Of the client's own event whose answer comes next; nil when none waits.
  var nextAnswered: UInt64? { answers.first?.result.content.origin.position }

  /// Are there as many answers as may wait?
  var isFullOfAnswers: Bool { answerBytes >= limitBytes }

  var front: Item? {
    let answer = answers.first?.sequence ?? .max
    let other = others.first?.sequence ?? .max
    if let loss = losses.first, loss.firstSequence < answer, loss.firstSequence < other {
      return .lost(loss.transactions, record: loss.record)
    }
    return (answer < other ? answers.first : others.first).map { .result($0.result) }
  }

  /// Appends a result of another peer's event. When there are too many, the oldest of these are given up.
  mutating func append(other result: StoredResult) {
    others.append(Waiting(sequence: takeSequence(), result: result))
    otherBytes += result.bytes
    while otherBytes > limitBytes, others.count > 1, let oldest = others.first {
      // The front one may be half sent.
      if isFront(oldest) { nextRecord = 0 }
      others.removeFirst()
      otherBytes -= oldest.result.bytes
      note(lossOf: oldest.result.transaction...oldest.result.transaction, oldest.sequence, oldest.result.record)
    }
  }

  /// Appends an answer to an event of this client's own.
  ///
  /// - Parameter givesUpOldest: the client has read nothing for so long that older answers are given up for it, with all
  ///   that comes before them.
  mutating func append(answer result: StoredResult, givesUpOldest: Bool) {
    answers.append(Waiting(sequence: takeSequence(), result: result))
    answerBytes += result.bytes
    guard givesUpOldest else { return }
    while answerBytes > limitBytes, answers.count > 1, let oldest = answers.first { giveUp(upTo: oldest.sequence) }
  }

  /// Appends an answer that the client may not have had when it went, of which none is given up.
  mutating func append(resent result: StoredResult) {
    append(answer: result, givesUpOldest: false)
    resentBytes += result.bytes
  }

  /// Notes results that were lost before they could be put in here, behind all that is.
  mutating func lose(transactions: ClosedRange<UInt64>, record: UInt64) {
    note(lossOf: transactions, takeSequence(), record)
  }

  mutating func removeFront() {
    nextRecord = 0
    let answer = answers.first?.sequence ?? .max
    let other = others.first?.sequence ?? .max
    if let loss = losses.first, loss.firstSequence < answer, loss.firstSequence < other {
      losses.removeFirst()
    } else if answer < other {
      answerBytes -= answers.removeFirst().result.bytes
    } else {
      otherBytes -= others.removeFirst().result.bytes
    }
    if answerBytes < limitBytes { resentBytes = 0 }
    assert(answerBytes >= 0 && otherBytes >= 0)
  }

  private mutating func takeSequence() -> UInt64 {
    defer { nextSequence += 1 }
    return nextSequence
  }

  private func isFront(_ waiting: Waiting) -> Bool {
    (answers.first.map { waiting.sequence < $0.sequence } ?? true)
      && (losses.first.map { waiting.sequence < $0.firstSequence } ?? true)
  }

  /// Puts a loss in its place; it joins the one before it unless a result stands between, and so does the one behind it.
  private mutating func note(lossOf transactions: ClosedRange<UInt64>, _ sequence: UInt64, _ record: UInt64) {
    var place = losses.firstIndex { $0.firstSequence > sequence }
    if place > 0, !hasResult(between: losses[place - 1].lastSequence, and: sequence) {
      place -= 1
      losses[place].lastSequence = sequence
      losses[place].join(transactions, record: record)
    } else {
      losses.insert(
        Loss(firstSequence: sequence, lastSequence: sequence, transactions: transactions, record: record), at: place)
    }
    guard place + 1 < losses.count, !hasResult(between: sequence, and: losses[place + 1].firstSequence) else { return }
    let next = losses.remove(at: place + 1)
    losses[place].lastSequence = next.lastSequence
    losses[place].join(next.transactions, record: next.record)
  }

  private func hasResult(between low: UInt64, and high: UInt64) -> Bool {
    func isIn(_ results: Queue<Waiting>) -> Bool {
      let index = results.firstIndex { $0.sequence > low }
      return index < results.count && results[index].sequence < high
    }
    return isIn(answers) || isIn(others)
  }

  /// Gives up everything up to an answer: one loss, at the front.
  private mutating func giveUp(upTo sequence: UInt64) {
    nextRecord = 0
    var lost: Loss?
    func add(_ transactions: ClosedRange<UInt64>, _ record: UInt64) {
      lost =
        lost ?? Loss(firstSequence: sequence, lastSequence: sequence, transactions: transactions, record: record)
      lost!.join(transactions, record: record)
    }
    while let loss = losses.first, loss.firstSequence <= sequence {
      add(loss.transactions, loss.record)
      losses.removeFirst()
    }
    while let waiting = answers.first, waiting.sequence <= sequence {
      add(waiting.result.transaction...waiting.result.transaction, waiting.result.record)
      answerBytes -= answers.removeFirst().result.bytes
    }
    while let waiting = others.first, waiting.sequence <= sequence {
      add(waiting.result.transaction...waiting.result.transaction, waiting.result.record)
      otherBytes -= others.removeFirst().result.bytes
    }
    guard let lost else { return }
    losses.insert(lost, at: 0)
  }
}
