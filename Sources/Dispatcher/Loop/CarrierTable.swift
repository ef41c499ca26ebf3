import Controller
import EventModel

/// The peers that workers are heard of through, and how far these have heard themselves: the silence of workers whose ingest
/// is silent is not theirs. A worker's row has the number of its carrier.
///
/// Outside the state, as the heartbeats are that it rests on: a replay has neither, and what is not proposed because of it is
/// in no journal. Owned by the dispatch thread.
struct CarrierTable {
  /// A peer, attached or gone, that workers were heard of through.
  struct Carrier {
    let peer: UInt32
    let name: String
    /// Up to when it has published all that had come to it, on the controller's clock; nil when it does not say.
    var heardMs: Int64?
    /// It is silent, or gone, and has heard up to then.
    var silentSinceMs: Int64?
    /// The last silence that is over.
    var pastSilence: Range<Int64>?
    var isGone = false
    /// Times that it fell silent or was heard again since the last notice.
    var untoldChanges = 0
  }

  /// What is not held against the workers in one judgement.
  struct Excuses {
    fileprivate let carriers: [Carrier]
    fileprivate let asOfMs: Int64
    fileprivate let graceMs: Int64

    /// How much of the silence of a worker is its carrier's.
    func ms(_ number: UInt16, lastHeartbeatMs: Int64) -> Int64 {
      let carrier = carriers[Int(number)]
      if let sinceMs = carrier.silentSinceMs { return min(max(asOfMs - sinceMs, 0), graceMs) }
      // What was said meanwhile may be lost: the worker has all its time again.
      guard let past = carrier.pastSilence, lastHeartbeatMs < past.upperBound else { return 0 }
      return min(past.upperBound - past.lowerBound, graceMs)
    }
  }

  /// By number; the first is that of workers that nothing was heard of since the start.
  private var carriers = [Carrier(peer: 0, name: "")]
  private var newest = 0

  /// - Returns: the number of a new peer: that of one that has long gone, once all were used.
  mutating func insert(peer: UInt32, name: String) -> UInt16 {
    let carrier = Carrier(peer: peer, name: name)
    if carriers.count <= Int(UInt16.max) {
      carriers.append(carrier)
      newest = carriers.count - 1
    } else {
      // There are more numbers than peers that can be attached.
      repeat { newest = newest % Int(UInt16.max) + 1 } while !carriers[newest].isGone
      carriers[newest] = carrier
    }
    return UInt16(newest)
  }

  /// Those that have a number, with the one of nobody.
  var count: Int { carriers.count }

  /// The peer of a number.
  subscript(carrier: UInt16) -> Carrier {
    get { carriers[Int(carrier)] }
    set { carriers[Int(carrier)] = newValue }
  }

  /// The clock they are told by has been set back.
  mutating func forgetSilences() {
    for number in carriers.indices {
      carriers[number].silentSinceMs = nil
      carriers[number].pastSilence = nil
    }
  }

  func excuses(asOfMs: Int64, graceMs: Int64) -> Excuses {
    Excuses(carriers: carriers, asOfMs: asOfMs, graceMs: graceMs)
  }
}
