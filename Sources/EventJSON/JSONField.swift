import EventModel

/// A value and its path, so that an error can say so.
public struct JSONField {
  public let path: String
  public let value: JSONValue
  /// Its texts have been checked before, by rules that may be older than these.
  let isTrusted: Bool

  public init(path: String, value: JSONValue) {
    self.init(path: path, value: value, isTrusted: false)
  }

  init(path: String, value: JSONValue, isTrusted: Bool) {
    self.path = path
    self.value = value
    self.isTrusted = isTrusted
  }

  func inside(_ suffix: String, _ value: JSONValue) -> JSONField {
    JSONField(path: path + suffix, value: value, isTrusted: isTrusted)
  }

  /// A string of at most `maxBytes` bytes of UTF-8; may be empty.
  public func text(maxBytes: Int) throws(EventJSONError) -> String {
    guard case .string(let text) = value else { throw wrongType("a string") }
    guard isTrusted || text.utf8.count <= maxBytes else {
      throw EventJSONError(
        .badLength, field: path, expected: "at most \(maxBytes) bytes", came: "\(text.utf8.count) bytes")
    }
    return text
  }

  /// The same without control characters.
  public func label(maxBytes: Int) throws(EventJSONError) -> String {
    let label = try text(maxBytes: maxBytes)
    guard isTrusted || !NameRule.hasControlCharacter(label.utf8) else {
      throw EventJSONError(
        .controlCharacter, field: path, expected: NameRule.noControlCharacters, came: value.summary)
    }
    return label
  }

  /// A label that is not empty either.
  public func name(maxBytes: Int = Limits.nameBytes) throws(EventJSONError) -> String {
    let name = try label(maxBytes: maxBytes)
    guard isTrusted || !name.isEmpty else {
      throw EventJSONError(.badLength, field: path, expected: "a name", came: "an empty string")
    }
    return name
  }

  /// A name for something new: one that cannot be taken for a handle.
  public func newName() throws(EventJSONError) -> String {
    let name = try name()
    guard isTrusted || !NameRule.looksLikeHandle(name.utf8) else { throw unknownValue(NameRule.notLikeAHandle) }
    return name
  }

  /// An integer, written without a fraction or an exponent.
  public func integer<Number: FixedWidthInteger>(in range: ClosedRange<Number>) throws(EventJSONError) -> Number {
    guard case .number(let text) = value, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 || $0 == 0x2D }) else {
      throw wrongType("an integer")
    }
    guard let number = Number(text), range.contains(number) else {
      throw EventJSONError(
        .outOfRange, field: path, expected: "\(range.lowerBound) to \(range.upperBound)", came: text)
    }
    return number
  }

  public func boolean() throws(EventJSONError) -> Bool {
    guard case .boolean(let flag) = value else { throw wrongType("true or false") }
    return flag
  }

  /// Cpus, to the thousandth.
  public func milliCPU() throws(EventJSONError) -> Int64 {
    guard case .number(let text) = value, let cpus = Double(text) else { throw wrongType("a number of cpus") }
    let exact = cpus * 1000
    let rounded = exact.rounded()
    // The range first: what lies outside it may not fit an integer at all.
    guard rounded >= Double(Limits.milliCPU.lowerBound), rounded <= Double(Limits.milliCPU.upperBound) else {
      let limit = JSONValue.cpus(milliCPU: Limits.milliCPU.upperBound)
      throw EventJSONError(.outOfRange, field: path, expected: "0 to \(limit) cpus", came: text)
    }
    // A decimal fraction is rarely exact in binary; a ten-thousandth of a thousandth is far above that error.
    guard abs(exact - rounded) < 0.0001 else {
      throw EventJSONError(.outOfRange, field: path, expected: "at most three decimals", came: text)
    }
    return Int64(rounded)
  }

  /// Devices by name, how many of each.
  public func devices() throws(EventJSONError) -> DeviceCounts {
    guard case .object(let members) = value else { throw wrongType("an object such as {\"gpu\": 2}") }
    var devices = DeviceCounts()
    for member in members {
      let name = try inside("", .string(member.name)).name(maxBytes: Limits.deviceBytes)
      devices[name] = try inside(".\(name)", member.value).integer(in: Limits.deviceCount)
    }
    guard devices.all.count <= Limits.deviceKinds else {
      throw EventJSONError(
        .outOfRange, field: path, expected: "at most \(Limits.deviceKinds) kinds", came: "\(devices.all.count)")
    }
    return devices
  }

  /// An array of at most `maxCount` elements.
  public func elements(maxCount: Int) throws(EventJSONError) -> [JSONField] {
    guard case .array(let elements) = value else { throw wrongType("an array") }
    guard elements.count <= maxCount else {
      throw EventJSONError(
        .outOfRange, field: path, expected: "at most \(maxCount) elements", came: "\(elements.count)")
    }
    return elements.enumerated().map { inside("[\($0.offset)]", $0.element) }
  }

  /// An entity, by its name or by a handle written `#INDEX.GENERATION`.
  public func reference<Entity>(
    to entity: Entity.Type, maxBytes: Int = Limits.nameBytes
  ) throws(EventJSONError) -> Reference<Entity> {
    let text = try name(maxBytes: maxBytes)
    guard text.hasPrefix("#") else { return .name(text) }
    guard let handle = Handle<Entity>(text: text.dropFirst()) else {
      if isTrusted { return .name(text) }
      throw unknownValue("a name or a handle such as #12.3")
    }
    return .handle(handle)
  }

  /// A state of a task, by its name.
  public func taskState() throws(EventJSONError) -> TaskState {
    guard case .string(let text) = value else { throw wrongType("a string") }
    guard let state = TaskState(name: text) else {
      throw unknownValue("one of \(TaskState.allCases.map(\.name).joined(separator: ", "))")
    }
    return state
  }

  /// A code of the vocabulary, by its name.
  func code<Code: NamedCode>() throws(EventJSONError) -> Code {
    guard case .string(let text) = value else { throw wrongType("a string") }
    guard let code = Code(name: text) else {
      throw unknownValue("one of \(Code.allCases.map(\.name).joined(separator: ", "))")
    }
    return code
  }

  func wrongType(_ expected: String) -> EventJSONError {
    EventJSONError(.wrongType, field: path, expected: expected, came: value.summary)
  }

  func unknownValue(_ expected: String) -> EventJSONError {
    EventJSONError(.unknownValue, field: path, expected: expected, came: value.summary)
  }
}

extension Handle {
  /// Parses `INDEX.GENERATION`; nil for any other text, and for generation 0, which no handle has.
  init?(text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } }),
      let index = UInt32(parts[0]), let generation = UInt32(parts[1]), generation > 0
    else { return nil }
    self.init(index: index, generation: generation)
  }
}
