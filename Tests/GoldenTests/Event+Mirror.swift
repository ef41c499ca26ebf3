import EventModel

@testable import Journal

/// As the texts beside the files have it: an event without a source is as it was before there were any.
extension Event: CustomReflectable {
  public var customMirror: Mirror {
    var children: [(label: String?, value: Any)] = [("id", id), ("timestampMs", timestampMs as Any), ("body", body)]
    if let source { children.append(("source", source)) }
    return Mirror(self, children: children, displayStyle: .struct)
  }
}

/// In an order.
extension SourceLedger: CustomReflectable {
  public var customMirror: Mirror {
    let lives = sorted.map { (label: Optional("\($0.key)"), value: $0.life as Any) }
    return Mirror(self, children: [("uses", uses as Any)] + lives, displayStyle: .struct)
  }
}
