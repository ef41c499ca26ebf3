import CRingmaster

/// A fixed set of counters, written down as an enum whose raw values are the labels:
///
/// ```swift
/// enum DispatcherCounter: String, CounterLabel {
///   case eventsHandled = "events_handled"
///   case deadLetters = "dead_letters"
/// }
/// let page = try CounterPage.create(instance: "main", process: "dispatcher", labels: DispatcherCounter.self)
/// let counters = page.counters(DispatcherCounter.self)
/// counters[.eventsHandled].increment()
/// ```
///
/// Cases have no payload, and `allCases` is left to the compiler; taking a set from a page checks both.
public protocol CounterLabel: CaseIterable, RawRepresentable<String>, BitwiseCopyable, Sendable {}

extension CounterLabel {
  /// The case's place in the enum. Read from its bytes, because a search of `allCases` would allocate.
  @inlinable
  @inline(__always)
  var ordinal: Int {
    // The compiler stores an enum without payloads as its ordinal, and in no byte at all when there is one case only.
    withUnsafeBytes(of: self) { $0.isEmpty ? 0 : Int($0[0]) }
  }

  static var isStoredAsOrdinal: Bool {
    MemoryLayout<Self>.size <= 1 && allCases.enumerated().allSatisfy { index, label in label.ordinal == index }
  }
}

/// The counters of an enum in a page: finding one is the addition of an offset. Valid until the process ends.
@frozen
public struct CounterSet<Label: CounterLabel>: BitwiseCopyable, @unchecked Sendable {
  @usableFromInline let base: UnsafeMutableRawPointer

  init(base: UnsafeMutableRawPointer) {
    self.base = base
  }

  @inlinable
  @inline(__always)
  public subscript(label: Label) -> Counter {
    Counter(address: base + label.ordinal &* MemoryLayout<rm_counter>.stride)
  }
}

extension CounterPage {
  /// Makes a page of one counter for each case, in order of declaration.
  ///
  /// - Throws: as `create(instance:process:labels:keepsName:)` of an array does.
  public static func create<Label: CounterLabel>(
    instance: String,
    process: String,
    labels: Label.Type,
    keepsName: Bool = false
  ) throws -> CounterPage {
    let texts = labels.allCases.map(\.rawValue)
    return try create(instance: instance, process: process, labels: texts, keepsName: keepsName)
  }

  /// The counters of a page that was made from the same enum.
  public func counters<Label: CounterLabel>(_ labels: Label.Type) -> CounterSet<Label> {
    precondition(labels.isStoredAsOrdinal, "\(labels) is not a plain enum of at most 256 cases")
    precondition(labels.allCases.count == count, "\(labels) has \(labels.allCases.count) cases, the page \(count)")
    return CounterSet(base: counter(at: 0).address)
  }
}
