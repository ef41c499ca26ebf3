import EventModel

/// The name of an attempt's unit, and back.
struct UnitName: Hashable, Sendable {
  /// "ringtask-".
  let prefix: String

  /// All units of attempts, as systemd's patterns have it.
  var pattern: String { "\(prefix)*.service" }

  func unit(_ id: AttemptID) -> String { "\(prefix)\(id).service" }

  func id(unit: some StringProtocol) -> AttemptID? {
    guard unit.hasPrefix(prefix), unit.hasSuffix(".service") else { return nil }
    return AttemptID(String(unit.dropFirst(prefix.count).dropLast(".service".count)))
  }

  static let folder = "/org/freedesktop/systemd1/unit/"

  /// The path of its object on the bus: each byte that is neither letter nor digit as `_` and two hexadecimal digits.
  func path(_ id: AttemptID) -> String {
    var path = Self.folder
    for byte in unit(id).utf8 {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"):
        path.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        path += byte < 16 ? "_0" : "_"
        path += String(byte, radix: 16)
      }
    }
    return path
  }

  func id(path: String) -> AttemptID? {
    guard path.hasPrefix(Self.folder) else { return nil }
    var name: [UInt8] = []
    var rest = path.utf8.dropFirst(Self.folder.utf8.count)
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "_") else {
        name.append(byte)
        continue
      }
      guard let escaped = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
      rest = rest.dropFirst(2)
      name.append(escaped)
    }
    return id(unit: String(decoding: name, as: UTF8.self))
  }
}
