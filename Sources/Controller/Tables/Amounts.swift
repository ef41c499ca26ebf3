import EventModel

/// `Resources` as the state reckons with them: devices by the numbers that the cluster's table of kinds gives them, in
/// line, so that they cost neither memory nor references.
///
/// Hot paths take the numbers as a span of a table: a span of a value on the stack would copy the value.
///
/// Nothing here traps: sums of memory wrap beyond 2^64 bytes, and come back when what was added is taken away.
public struct Amounts: BitwiseCopyable, Sendable {
  /// Thousandths of a cpu, bytes of memory, and devices by their kinds.
  private(set) var values = InlineArray<14, Int64>(repeating: 0)
  /// Numbers from here on are 0.
  private(set) var width = 1

  static var kinds: Int { Limits.deviceKinds }
  /// The numbers of cpu and memory; those of the kinds of devices follow.
  static var cpu: Int { 0 }
  static var memory: Int { 1 }
  static var firstDevice: Int { 2 }

  /// Less than any worker has.
  static var none: Amounts { Amounts(milliCPU: .min) }
  /// More than any worker has.
  static var unlimited: Amounts {
    var all = Amounts()
    for resource in 0..<(firstDevice + kinds) { all[resource] = .max }
    return all
  }

  init() {}

  init(milliCPU: Int64, memoryBytes: Int64 = 0) {
    self[Self.cpu] = milliCPU
    self[Self.memory] = memoryBytes
  }

  /// The numbers of a row of a table.
  init(_ numbers: Span<Int64>) {
    for resource in numbers.indices { self[resource] = numbers[resource] }
  }

  public var milliCPU: Int64 { values[Self.cpu] }
  public var memoryBytes: Int64 { values[Self.memory] }

  /// By the number of a resource.
  subscript(resource: Int) -> Int64 {
    get { values[resource] }
    set {
      values[resource] = newValue
      if newValue != 0 { width = max(width, resource + 1) }
    }
  }

  /// May a task that asks for this have it of what is `free`? What it asks 0 of is not looked at.
  func fits(in free: Amounts) -> Bool {
    Self.fits(values.span.extracting(0..<width), in: free.values.span)
  }

  /// - Parameter free: of what it does not name there is nothing.
  @inline(__always)
  static func fits(_ needed: Span<Int64>, in free: Span<Int64>) -> Bool {
    guard needed[cpu] <= free[cpu] || needed[cpu] == 0 && free[cpu] > .min else { return false }
    for resource in 1..<needed.count where needed[resource] > 0 {
      guard resource < free.count, needed[resource] <= free[resource] else { return false }
    }
    return true
  }

  /// How often it fits, at most `limit` times.
  func count(in free: Span<Int64>, upTo limit: Int) -> Int {
    let needed = values.span
    var count = Int64(limit)
    for resource in 0..<width where needed[resource] > 0 {
      guard resource < free.count else { return 0 }
      count = min(count, max(free[resource], 0) / needed[resource])
    }
    return Int(count)
  }

  /// Without its devices.
  var withoutDevices: Amounts { Amounts(milliCPU: milliCPU, memoryBytes: memoryBytes) }

  /// The numbers of all that it asks for.
  var asked: [Int] { (0..<width).filter { self[$0] != 0 } }

  @inline(__always)
  mutating func add(_ table: borrowing AmountTable, _ place: Range<Int>) {
    combine(table.values.span.extracting(place), &+)
  }

  @inline(__always)
  mutating func subtract(_ table: borrowing AmountTable, _ place: Range<Int>) {
    combine(table.values.span.extracting(place), &-)
  }

  @inline(__always)
  mutating func add(_ numbers: Span<Int64>) { combine(numbers, &+) }

  static func += (left: inout Amounts, right: Amounts) {
    left.add(right.values.span.extracting(0..<right.width))
  }

  static func -= (left: inout Amounts, right: Amounts) {
    left.combine(right.values.span.extracting(0..<right.width), &-)
  }

  static func - (left: Amounts, right: Amounts) -> Amounts {
    var difference = left
    difference -= right
    return difference
  }

  /// Of each resource the larger amount.
  mutating func formMaximum(_ other: Amounts) {
    width = max(width, other.width)
    for resource in 0..<width { values[resource] = max(values[resource], other.values[resource]) }
  }

  /// Raises each amount to another, where that is more.
  @inline(__always)
  mutating func raise(to numbers: Span<Int64>) { combine(numbers) { max($0, $1) } }

  @inline(__always)
  private mutating func combine(_ numbers: Span<Int64>, _ operation: (Int64, Int64) -> Int64) {
    // Mostly nothing but cpu is named.
    if numbers.count == 1 { return values[Self.cpu] = operation(values[Self.cpu], numbers[Self.cpu]) }
    width = max(width, numbers.count)
    var values = values.mutableSpan
    for resource in numbers.indices { values[resource] = operation(values[resource], numbers[resource]) }
  }
}

extension Amounts: Hashable {
  public static func == (left: Amounts, right: Amounts) -> Bool {
    let (some, others) = (left.values.span, right.values.span)
    for resource in 0..<max(left.width, right.width) where some[resource] != others[resource] { return false }
    return true
  }

  public func hash(into hasher: inout Hasher) {
    for resource in 0..<width where values[resource] != 0 { hasher.combine(values[resource]) }
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
