/// What a worker has, what a task holds: cpu, memory and devices that are counted.
public struct Resources: Hashable, Sendable {
  /// Thousandths of a cpu.
  public var milliCPU: Int64
  public var memoryBytes: Int64
  public var devices: DeviceCounts

  public init(milliCPU: Int64 = 0, memoryBytes: Int64 = 0, devices: DeviceCounts = DeviceCounts()) {
    self.milliCPU = milliCPU
    self.memoryBytes = memoryBytes
    self.devices = devices
  }

  /// Is each amount one that arithmetic may rely on?
  public var isWithinLimits: Bool {
    Limits.milliCPU.contains(milliCPU) && Limits.memoryBytes.contains(memoryBytes) && devices.isWithinLimits
  }
}

/// How many there are of each kind of device: in the order of the names' bytes, and none that there are 0 of.
public struct DeviceCounts: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  public struct Device: Hashable, Sendable {
    public let name: String
    public let count: Int64
  }

  public private(set) var all: [Device] = []

  public init() {}

  public init(dictionaryLiteral elements: (String, Int64)...) {
    for (name, count) in elements { self[name] = count }
  }

  public var isEmpty: Bool { all.isEmpty }

  /// 0 of a device that is not there. Names are told apart by their bytes.
  public subscript(name: String) -> Int64 {
    get { all.first { $0.name.utf8.elementsEqual(name.utf8) }?.count ?? 0 }
    set {
      let place = all.firstIndex { !$0.name.utf8.lexicographicallyPrecedes(name.utf8) } ?? all.count
      if place < all.count, all[place].name.utf8.elementsEqual(name.utf8) { all.remove(at: place) }
      if newValue != 0 { all.insert(Device(name: name, count: newValue), at: place) }
    }
  }

  fileprivate var isWithinLimits: Bool {
    all.count <= Limits.deviceKinds && all.allSatisfy { Limits.deviceCount.contains($0.count) }
  }
}

/// One of the things that a worker may have too little of.
public enum Resource: Hashable, Sendable {
  case cpu
  case memory
  case device(String)

  /// As events call it.
  public var name: String {
    switch self {
    case .cpu: "cpu"
    case .memory: "memory_bytes"
    case .device(let name): Self.devicePrefix + name
    }
  }

  public init?(name: String) {
    switch name {
    case "cpu": self = .cpu
    case "memory_bytes": self = .memory
    default:
      // By bytes: what follows may combine with the last letter of the prefix.
      guard name.utf8.starts(with: Self.devicePrefix.utf8) else { return nil }
      self = .device(String(Substring(name.utf8.dropFirst(Self.devicePrefix.utf8.count))))
    }
  }

  private static var devicePrefix: String { "devices." }
}

/// What there is too little of: `needed` of it, of which `free` are there. Cpu in thousandths, memory in bytes.
public struct Shortage: Hashable, Sendable {
  public let resource: Resource
  public let needed: Int64
  /// Negative when more is held than there is.
  public let free: Int64

  public init(resource: Resource, needed: Int64, free: Int64) {
    self.resource = resource
    self.needed = needed
    self.free = free
  }

  public var missing: Int64 {
    let (missing, isOver) = needed.subtractingReportingOverflow(free)
    return isOver ? .max : missing
  }
}
