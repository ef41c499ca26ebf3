import EventModel

/// A 64-bit digest of values in their order: the same on any machine, in any build and any run.
///
/// Values are folded in by 64 by 64 bit multiplications whose halves are combined, and the end is mixed once more, so
/// that digests can be summed: a sum over rows tells nothing of their order, and any one row can be taken out again.
struct StateDigest: Sendable {
  /// Keeps equal values of different kinds apart. The raw values are part of what a digest means.
  enum Domain: UInt64 {
    case text = 1
    case worker
    case job
    case jobRequest
    case jobLink
    case task
    case attempt
    case endpoint
    case freeWorkerSlot
    case freeJobSlot
    case freeTaskRun
    case workerGeneration
    case jobGeneration
    case taskGeneration
    case brake
    case state
    case drain
    case schedulable
    case earlierAssignment
  }

  private static var multiplier: UInt64 { 0x9E37_79B9_7F4A_7C15 }
  private var value: UInt64

  init(_ domain: Domain) {
    value = domain.rawValue &* 0xD6E8_FEB8_6659_FD93
  }

  mutating func add(_ word: UInt64) {
    add(word, 0)
  }

  /// Two words at the price of one.
  @inline(__always)
  mutating func add(_ first: UInt64, _ second: UInt64) {
    // Something is added, so that a value of zero does not stay one.
    value = Self.fold(value ^ first, second ^ Self.multiplier) &+ 0xA076_1D64_78BD_642F
  }

  @inline(__always)
  private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }

  mutating func add(_ number: Int64) {
    add(UInt64(bitPattern: number))
  }

  /// Two numbers in one word.
  static func word(_ low: UInt32, _ high: UInt32) -> UInt64 {
    UInt64(high) << 32 | UInt64(low)
  }

  static func word(_ low: Int32, _ high: Int32) -> UInt64 {
    word(UInt32(bitPattern: low), UInt32(bitPattern: high))
  }

  mutating func add(_ low: UInt32, _ high: UInt32) {
    add(Self.word(low, high))
  }

  mutating func add(_ low: Int32, _ high: Int32) {
    add(Self.word(low, high))
  }

  /// Nothing and an empty text are told apart.
  mutating func add(_ text: String?) {
    add(text.map { Self.ofText($0) } ?? 0)
  }

  mutating func add(_ number: Int64?) {
    add(number == nil ? 0 : 1 as UInt64)
    add(number ?? 0)
  }

  mutating func add(_ job: JobReference?) {
    switch job {
    case nil: add(0 as UInt64)
    case .handle(let handle): add(handle.rawValue)
    case .name(let name): add(name)
    }
  }

  mutating func add(_ devices: DeviceCounts) {
    add(UInt64(devices.all.count))
    for device in devices.all { add(Self.ofText(device.name), UInt64(bitPattern: device.count)) }
  }

  mutating func add(_ constraints: Constraints) {
    for values in [constraints.require, constraints.forbid] {
      add(UInt64(values.all.count))
      for entry in values.all {
        add(Self.ofText(entry.attribute), UInt64(entry.values.count))
        for value in entry.values { add(Self.ofText(value)) }
      }
    }
  }

  mutating func add(_ specification: Specification) {
    add(specification.isEmpty ? 0 : 1 as UInt64)
    if specification.isEmpty { return }
    let fields = specification.fields
    add(UInt64(fields.command.count), UInt64(fields.environment.count))
    for argument in fields.command { add(Self.ofText(argument)) }
    for variable in fields.environment { add(Self.ofText(variable.name), Self.ofText(variable.value)) }
    add(fields.script)
    add(fields.workingDirectory)
    add(fields.user)
    add(fields.stopTimeoutMs)
    add(fields.stopSignal)
    add(UInt64(fields.whenCutOff?.rawValue ?? 0), UInt64(fields.sandbox?.rawValue ?? 0))
    add(fields.tasksMax)
    add(UInt64(fields.credentials.count))
    for name in fields.credentials { add(Self.ofText(name)) }
  }

  mutating func add(_ resources: Resources) {
    add(UInt64(bitPattern: resources.milliCPU), UInt64(bitPattern: resources.memoryBytes))
    add(resources.devices)
  }

  var finished: UInt64 {
    let mixed = Self.fold(value ^ 0xBF58_476D_1CE4_E5B9, 0x94D0_49BB_1331_11EB)
    return mixed ^ (mixed >> 32)
  }

  /// Of the bytes in UTF-8, eight a word.
  static func ofText(_ text: String) -> UInt64 {
    var digest = StateDigest(.text)
    var word: UInt64 = 0
    // A span: an iterator over the view is not specialised and costs a call a byte.
    let bytes = text.utf8.span
    for index in bytes.indices {
      word = word << 8 | UInt64(bytes[index])
      if index & 7 == 7 {
        digest.add(word)
        word = 0
      }
    }
    digest.add(word)
    digest.add(UInt64(bytes.count))
    return digest.finished
  }

  /// Of one entry of a list in which the position counts.
  static func ofEntry(_ domain: Domain, position: Int, _ value: UInt64) -> UInt64 {
    var digest = StateDigest(domain)
    digest.add(UInt64(position), value)
    return digest.finished
  }
}
