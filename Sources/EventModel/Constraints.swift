/// Which workers may have a job's tasks, by their attributes.
public struct Constraints: Hashable, Sendable {
  /// The worker has each of these attributes with one of its values.
  public var require = AttributeValues()
  /// The worker has none of these attributes with one of its values.
  public var forbid = AttributeValues()

  public init(require: AttributeValues = [:], forbid: AttributeValues = [:]) {
    self.require = require
    self.forbid = forbid
  }

  public var isEmpty: Bool { require.isEmpty && forbid.isEmpty }

  /// May a worker with these attributes have the tasks?
  public func areMet(by attributes: [WorkerMetadata.Attribute]) -> Bool {
    for entry in require.all {
      guard let value = Self.value(of: entry.attribute, attributes), entry.has(value) else { return false }
    }
    for entry in forbid.all {
      if let value = Self.value(of: entry.attribute, attributes), entry.has(value) { return false }
    }
    return true
  }

  private static func value(of key: String, _ attributes: [WorkerMetadata.Attribute]) -> String? {
    attributes.first { $0.key.isSame(as: key) }?.value
  }

  /// As `Limits.constraintsBytes` counts them.
  public var recordBytes: Int { require.recordBytes + forbid.recordBytes }
}

/// Values by attribute: in the order of their bytes, each once, and none without a value.
public struct AttributeValues: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  public struct Entry: Hashable, Sendable {
    public let attribute: String
    public fileprivate(set) var values: [String]

    func has(_ value: String) -> Bool { values.contains { $0.isSame(as: value) } }
  }

  public private(set) var all: [Entry] = []

  public init() {}

  public init(dictionaryLiteral elements: (String, [String])...) {
    for (attribute, values) in elements {
      for value in values { add(value, of: attribute) }
    }
  }

  public var isEmpty: Bool { all.isEmpty }

  fileprivate var recordBytes: Int {
    all.reduce(0) { sum, entry in
      entry.values.reduce(sum) { $0 + entry.attribute.utf8.count + $1.utf8.count + Self.headBytes }
    }
  }

  /// Of a field and of the constraint in it.
  private static var headBytes: Int { 6 }

  public mutating func add(_ value: String, of attribute: String) {
    let place = all.firstIndex { !$0.attribute.precedes(attribute) } ?? all.count
    guard place < all.count, all[place].attribute.isSame(as: attribute) else {
      return all.insert(Entry(attribute: attribute, values: [value]), at: place)
    }
    guard !all[place].has(value) else { return }
    let values = all[place].values
    all[place].values.insert(value, at: values.firstIndex { !$0.precedes(value) } ?? values.count)
  }
}

extension AttributeValues.Entry {
  public static func == (left: Self, right: Self) -> Bool {
    left.attribute.isSame(as: right.attribute) && left.values.count == right.values.count
      && zip(left.values, right.values).allSatisfy { $0.isSame(as: $1) }
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(ByteText(attribute))
    for value in values { hasher.combine(ByteText(value)) }
  }
}
