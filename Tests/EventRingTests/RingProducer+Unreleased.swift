@testable import EventRing

extension RingProducer {
  /// Slots that the consumer has not released yet, as last seen.
  var unreleased: Int {
    Int(next &- released)
  }
}
