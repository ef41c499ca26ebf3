/// The stage of the pipeline that owns state: takes one event, makes one transaction.
public protocol EventHandler: ~Copyable {
  mutating func handle(_ event: consuming Event) -> Transaction
}
