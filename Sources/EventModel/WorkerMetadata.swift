/// What a worker says about itself when it registers.
public struct WorkerMetadata: Hashable, Sendable {
  /// What tasks may hold on it.
  public var capacity: Resources
  /// It says of each task that it stopped when the process has ended; until then the task holds what it holds.
  public var confirmsStops: Bool
  /// Everything else, in the order given: zone, image, labels.
  public var attributes: [Attribute]

  public struct Attribute: Hashable, Sendable {
    public let key: String
    public let value: String

    public init(key: String, value: String) {
      self.key = key
      self.value = value
    }
  }

  public init(capacity: Resources = Resources(), confirmsStops: Bool = false, attributes: [Attribute] = []) {
    self.capacity = capacity
    self.confirmsStops = confirmsStops
    self.attributes = attributes
  }

  /// The part of the fleet that fails together with this worker: its attribute `zone`; empty when it has none.
  public var zone: String {
    attributes.first { $0.key == "zone" }?.value ?? ""
  }
}

extension [WorkerMetadata.Attribute] {
  /// May there be one with this key beside these? In text they are members of one object, and so is the
  /// capacity.
  public func mayHave(_ key: String) -> Bool {
    !["cpu", "memory_bytes", "devices", "confirms_stops"].contains(key) && !contains { $0.key.isSame(as: key) }
  }
}
