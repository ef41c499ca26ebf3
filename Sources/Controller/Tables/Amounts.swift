import EventModel

/// `Resources` as the state reckons with them: devices by the numbers that the cluster's table of kinds gives them, in
/// line, so that they cost neither memory nor references.
///
/// Nothing here traps: sums of memory wrap beyond 2^64 bytes, and come back when what was added is taken away.
public struct Amounts: BitwiseCopyable, Sendable {
  /// Thousandths of a cpu.
  public internal(set) var milliCPU: Int64 = 0
  public internal(set) var memoryBytes: Int64 = 0
  private var devices = InlineArray<12, Int64>(repeating: 0)
  /// Kinds from here on are 0.
  private var kindBound = 0

  static var kinds: Int { Limits.deviceKinds }
  /// The numbers of cpu and memory; those of the kinds of devices follow.
  static var cpu: Int { 0 }
  static var memory: Int { 1 }
  static var firstDevice: Int { 2 }

  /// Less than any worker has.
  static var none: Amounts { Amounts(milliCPU: .min) }
  /// More than any worker has.
  static var unlimited: Amounts {
    var all = Amounts(milliCPU: .max, memoryBytes: .max)
    for kind in 0..<kinds { all[firstDevice + kind] = .max }
    return all
  }

  init() {}

  init(milliCPU: Int64, memoryBytes: Int64 = 0) {
    self.milliCPU = milliCPU
    self.memoryBytes = memoryBytes
  }

  /// Numbers from here on are 0.
  var width: Int { kindBound > 0 ? Self.firstDevice + kindBound : memoryBytes == 0 ? 1 : Self.firstDevice }

  /// By the number of a resource.
  subscript(resource: Int) -> Int64 {
    get {
      switch resource {
      case Self.cpu: milliCPU
      case Self.memory: memoryBytes
      default: devices[resource - Self.firstDevice]
      }
    }
    set {
      switch resource {
      case Self.cpu: milliCPU = newValue
      case Self.memory: memoryBytes = newValue
      default:
        devices[resource - Self.firstDevice] = newValue
        if newValue != 0 { kindBound = max(kindBound, resource - Self.firstDevice + 1) }
      }
    }
  }

  /// May a task that asks for this have it of what is `free`? What it asks 0 of is not looked at.
  @inline(__always)
  func fits(in free: Amounts) -> Bool {
    guard milliCPU <= free.milliCPU || milliCPU == 0 && free.milliCPU > .min else { return false }
    return fitsBesideCPU(in: free)
  }

  @inline(__always)
  private func fitsBesideCPU(in free: Amounts) -> Bool {
    guard memoryBytes <= free.memoryBytes || memoryBytes == 0 else { return false }
    for kind in 0..<kindBound where devices[kind] > free.devices[kind] && devices[kind] != 0 { return false }
    return true
  }

  /// How often it fits, at most `limit` times.
  func count(in free: Amounts, upTo limit: Int) -> Int {
    var count = Int64(limit)
    for resource in 0..<width where self[resource] > 0 {
      count = min(count, max(free[resource], 0) / self[resource])
    }
    return Int(count)
  }

  /// Without its devices.
  var withoutDevices: Amounts { Amounts(milliCPU: milliCPU, memoryBytes: memoryBytes) }

  /// The numbers of all that it asks for.
  var asked: [Int] { (0..<width).filter { self[$0] != 0 } }

  @inline(__always)
  static func += (left: inout Amounts, right: Amounts) {
    left.combine(right, &+)
  }

  @inline(__always)
  static func -= (left: inout Amounts, right: Amounts) {
    left.combine(right, &-)
  }

  static func - (left: Amounts, right: Amounts) -> Amounts {
    var difference = left
    difference -= right
    return difference
  }

  /// Of each resource the larger amount.
  @inline(__always)
  mutating func formMaximum(_ other: Amounts) {
    combine(other) { max($0, $1) }
  }

  @inline(__always)
  private mutating func combine(_ other: Amounts, _ operation: (Int64, Int64) -> Int64) {
    milliCPU = operation(milliCPU, other.milliCPU)
    memoryBytes = operation(memoryBytes, other.memoryBytes)
    kindBound = max(kindBound, other.kindBound)
    for kind in 0..<kindBound { devices[kind] = operation(devices[kind], other.devices[kind]) }
  }
}

extension Amounts: Hashable {
  public static func == (left: Amounts, right: Amounts) -> Bool {
    guard left.milliCPU == right.milliCPU, left.memoryBytes == right.memoryBytes else { return false }
    for kind in 0..<max(left.kindBound, right.kindBound) where left.devices[kind] != right.devices[kind] {
      return false
    }
    return true
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(milliCPU)
    hasher.combine(memoryBytes)
    for kind in 0..<kindBound where devices[kind] != 0 { hasher.combine(devices[kind]) }
  }
}

/// The kinds of devices that the registered workers and the unfinished jobs name, each with a number while it is named.
///
/// Which numbers they have decides nothing, so they are no part of the state.
struct DeviceKinds: Sendable {
  private var names = [String?](repeating: nil, count: Amounts.kinds)
  private var uses = [Int](repeating: 0, count: Amounts.kinds)

  /// Takes up what a worker or a job names; `release` it once it does so no longer.
  ///
  /// - Returns: nil, and nothing is taken up, when the cluster would have too many kinds.
  mutating func retain(_ resources: Resources) -> Amounts? {
    var amounts = Amounts(milliCPU: resources.milliCPU, memoryBytes: resources.memoryBytes)
    for device in resources.devices.all {
      guard let kind = number(of: device.name) ?? names.firstIndex(of: nil) else {
        release(amounts)
        return nil
      }
      names[kind] = device.name
      uses[kind] += 1
      amounts[Amounts.firstDevice + kind] = device.count
    }
    return amounts
  }

  /// Is there a number for each device, once what named `before` does so no longer?
  func hasRoom(for resources: Resources, insteadOf before: Amounts) -> Bool {
    func isFree(_ kind: Int) -> Bool { uses[kind] == (before[Amounts.firstDevice + kind] != 0 ? 1 : 0) }
    let free = uses.indices.count(where: isFree)
    let new = resources.devices.all.count { device in number(of: device.name).map(isFree) ?? true }
    return new <= free
  }

  mutating func release(_ amounts: Amounts) {
    for kind in 0..<Amounts.kinds where amounts[Amounts.firstDevice + kind] != 0 {
      uses[kind] -= 1
      if uses[kind] == 0 { names[kind] = nil }
    }
  }

  private func number(of name: String) -> Int? {
    names.firstIndex { $0?.utf8.elementsEqual(name.utf8) == true }
  }

  func resources(_ amounts: Amounts) -> Resources {
    var resources = Resources(milliCPU: amounts.milliCPU, memoryBytes: amounts.memoryBytes)
    for resource in amounts.asked {
      if case .device(let name) = self.resource(resource) { resources.devices[name] = amounts[resource] }
    }
    return resources
  }

  /// What a task asks for, in the order in which it is looked at: cpu, memory, devices by name.
  func order(of amounts: Amounts) -> [Int] {
    amounts.asked.sorted { left, right in
      guard left >= Amounts.firstDevice, right >= Amounts.firstDevice else { return left < right }
      return resource(left).name.utf8.lexicographicallyPrecedes(resource(right).name.utf8)
    }
  }

  func resource(_ number: Int) -> Resource {
    switch number {
    case Amounts.cpu: .cpu
    case Amounts.memory: .memory
    default: .device(names[number - Amounts.firstDevice] ?? "")
    }
  }

  /// The first thing that is lacking for a task that asks for `needed`; nil when it fits.
  func shortage(of needed: Amounts, in free: Amounts) -> AmountShortage? {
    order(of: needed).first { needed[$0] > free[$0] }.map {
      AmountShortage(resource: $0, needed: needed[$0], free: free[$0])
    }
  }

  func shortage(_ shortage: AmountShortage) -> Shortage {
    Shortage(resource: resource(shortage.resource), needed: shortage.needed, free: shortage.free)
  }
}

/// A `Shortage` without names.
struct AmountShortage: BitwiseCopyable, Sendable {
  let resource: Int
  let needed: Int64
  let free: Int64
}
