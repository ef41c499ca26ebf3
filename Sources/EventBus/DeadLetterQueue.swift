import Synchronization

/// A sink that keeps the newest letters in memory, up to its capacity, and counts those it had to let go.
///
/// Safe to use from any thread: the bus puts letters in on the dispatch thread while others look.
public final class DeadLetterQueue: DeadLetterSink {
  private struct Contents {
    var letters: [DeadLetter] = []
    /// Where the oldest letter stands once the queue is full.
    var oldest = 0
    var overflowed: UInt64 = 0
  }

  public static let defaultCapacity = 1000

  public let capacity: Int
  private let contents = Mutex(Contents())

  public init(capacity: Int = DeadLetterQueue.defaultCapacity) {
    precondition(capacity > 0, "a dead letter queue holds at least one letter, not \(capacity)")
    self.capacity = capacity
  }

  public func receive(_ letter: DeadLetter) {
    contents.withLock { contents in
      guard contents.letters.count == capacity else {
        contents.letters.append(letter)
        return
      }
      contents.letters[contents.oldest] = letter
      contents.oldest = (contents.oldest + 1) % capacity
      contents.overflowed += 1
    }
  }

  /// The letters held, oldest first.
  public var letters: [DeadLetter] {
    contents.withLock { contents in
      Array(contents.letters[contents.oldest...] + contents.letters[..<contents.oldest])
    }
  }

  /// Letters that newer ones pushed out.
  public var overflowed: UInt64 {
    contents.withLock { $0.overflowed }
  }
}
