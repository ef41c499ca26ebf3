import CSystemd

/// Reads the body of a message, in order. What is not as expected reads as nil.
struct BusReader {
  let message: OpaquePointer

  /// A string or an object's path.
  func text() -> String? {
    var type = CChar(0)
    guard sd_bus_message_peek_type(message, &type, nil) > 0, [0x73, 0x6f, 0x67].contains(UInt8(bitPattern: type))
    else { return nil }
    var pointer: UnsafePointer<CChar>?
    guard sd_bus_message_read_basic(message, type, &pointer) > 0, let pointer else { return nil }
    return String(cString: pointer)
  }

  func number<T: FixedWidthInteger & BitwiseCopyable>(_ type: Unicode.Scalar, _: T.Type) -> T? {
    var number = T.zero
    return sd_bus_message_read_basic(message, CChar(type.value), &number) > 0 ? number : nil
  }

  func skip(_ types: String) {
    sd_bus_message_skip(message, types)
  }

  /// Runs `body` for each element of an array of structures or of dictionary entries.
  func forEach(_ element: Unicode.Scalar, _ contents: String, _ body: () -> Void) {
    let array = element == "e" ? "{\(contents)}" : "(\(contents))"
    guard sd_bus_message_enter_container(message, CChar(UInt8(ascii: "a")), array) > 0 else { return }
    while sd_bus_message_enter_container(message, CChar(element.value), contents) > 0 {
      body()
      sd_bus_message_exit_container(message)
    }
    sd_bus_message_exit_container(message)
  }

  /// Runs `body` for each property of an `a{sv}` that holds a number or a string.
  func forEachProperty(_ body: (_ name: String, _ value: PropertyValue) -> Void) {
    forEach("e", "sv") {
      guard let name = text() else { return }
      if let value = variant() { body(name, value) }
    }
  }

  /// - Returns: nil for what is of no interest here. It is skipped.
  func variant() -> PropertyValue? {
    var contents: UnsafePointer<CChar>?
    guard sd_bus_message_peek_type(message, nil, &contents) > 0, let contents else { return nil }
    let signature = String(cString: contents)
    guard PropertyValue.signatures.contains(signature),
      sd_bus_message_enter_container(message, CChar(UInt8(ascii: "v")), contents) > 0
    else {
      skip("v")
      return nil
    }
    defer { sd_bus_message_exit_container(message) }
    switch signature {
    case "s", "o": return text().map { .text($0) }
    case "i": return number("i", Int32.self).map { .number(UInt64(truncatingIfNeeded: $0)) }
    case "u": return number("u", UInt32.self).map { .number(UInt64($0)) }
    case "t": return number("t", UInt64.self).map { .number($0) }
    default: return program()
    }
  }

  /// The program of the first command line of an ExecStart.
  private func program() -> PropertyValue? {
    var path: String?
    forEach("r", "sasbttttuii") {
      path = path ?? text()
      // What is left of a structure must be read before it can be left.
      while sd_bus_message_at_end(message, 0) == 0, sd_bus_message_skip(message, nil) > 0 {}
    }
    return path.map { .text($0) }
  }
}

enum PropertyValue: Hashable {
  case text(String)
  case number(UInt64)

  static let signatures: Set<String> = ["s", "o", "i", "u", "t", "a(sasbttttuii)"]
}

/// A call that failed: by the bus's name for it, or by an error number of this side.
struct BusError: Error, CustomStringConvertible {
  var name = ""
  var code: Int32 = 0
  var text: String

  var description: String { text }

  static let lost = BusError(name: "org.freedesktop.DBus.Error.NoReply", text: "systemd lost a call")
  static let unitExists = "org.freedesktop.systemd1.UnitExists"

  /// Whether the call was carried out is not known.
  var isUncertain: Bool {
    let names = [
      "NoReply", "Disconnected", "ServiceUnknown", "NameHasNoOwner", "Timeout", "TimedOut", "LimitsExceeded",
      "NoServer",
    ]
    return names.contains { name == "org.freedesktop.DBus.Error.\($0)" } || name.hasPrefix("System.Error.")
  }

  /// No systemd is on the bus.
  var meansAbsent: Bool {
    ["ServiceUnknown", "NameHasNoOwner"].contains { name == "org.freedesktop.DBus.Error.\($0)" }
  }

  /// What was asked for is wrong, and would be again.
  var meansBadUnit: Bool {
    name == "org.freedesktop.systemd1.BadUnitSetting"
      || ["InvalidArgs", "PropertyReadOnly", "UnknownProperty"].contains { name == "org.freedesktop.DBus.Error.\($0)" }
  }

  var meansForbidden: Bool {
    ["AccessDenied", "InteractiveAuthorizationRequired", "AuthFailed"].contains {
      name == "org.freedesktop.DBus.Error.\($0)"
    }
  }
}
