import CSystemd
import Glibc

/// What a unit's property may hold, as systemd's bus interface has it.
enum BusValue: Hashable, Sendable {
  case string(String)
  case bool(Bool)
  case int32(Int32)
  case uint32(UInt32)
  case uint64(UInt64)
  case strings([String])
  /// Bytes that need not be text: fields of the log.
  case byteStrings([[UInt8]])
  /// Of ExecStart: the program, and all of its arguments from argv[0] on.
  case command(path: String, arguments: [String])
  /// Of ExecStartEx: with flags.
  case flaggedCommand(path: String, arguments: [String], flags: [String])
  /// Of LoadCredential: a name, and where its content is.
  case sources([String: String])
  /// Of SetCredential: a name, and its content.
  case contents([String: [UInt8]])

  var signature: String {
    switch self {
    case .string: "s"
    case .bool: "b"
    case .int32: "i"
    case .uint32: "u"
    case .uint64: "t"
    case .strings: "as"
    case .byteStrings: "aay"
    case .command: "a(sasb)"
    case .flaggedCommand: "a(sasas)"
    case .sources: "a(ss)"
    case .contents: "a(say)"
    }
  }
}

/// Writes the body of a message. The bus library has no place for a string with a zero byte: `text` refuses it.
struct BusWriter {
  let message: OpaquePointer

  func properties(_ properties: [UnitProperty]) throws {
    try array("(sv)") {
      for property in properties {
        try inside("r", "sv") {
          try text(property.name)
          try inside("v", property.value.signature) { try value(property.value) }
        }
      }
    }
  }

  func value(_ value: BusValue) throws {
    switch value {
    case .string(let string): try text(string)
    case .bool(let flag): try basic("b", Int32(flag ? 1 : 0))
    case .int32(let number): try basic("i", number)
    case .uint32(let number): try basic("u", number)
    case .uint64(let number): try basic("t", number)
    case .strings(let strings): try texts(strings)
    case .byteStrings(let strings): try array("ay") { for string in strings { try bytes(string) } }
    case .command(let path, let arguments):
      try array("(sasb)") {
        try inside("r", "sasb") {
          try text(path)
          try texts(arguments)
          // Its failure counts.
          try basic("b", Int32(0))
        }
      }
    case .flaggedCommand(let path, let arguments, let flags):
      try array("(sasas)") {
        try inside("r", "sasas") {
          try text(path)
          try texts(arguments)
          try texts(flags)
        }
      }
    case .sources(let sources):
      try array("(ss)") {
        for (name, source) in sources {
          try inside("r", "ss") {
            try text(name)
            try text(source)
          }
        }
      }
    case .contents(let contents):
      try array("(say)") {
        for (name, content) in contents {
          try inside("r", "say") {
            try text(name)
            try bytes(content)
          }
        }
      }
    }
  }

  func text(_ string: String) throws {
    guard !string.utf8.contains(0) else { throw BusError(code: EINVAL, text: "a zero byte in a string") }
    try string.withCString { try check(sd_bus_message_append_basic(message, CChar(UInt8(ascii: "s")), $0)) }
  }

  func texts(_ strings: [String]) throws {
    try array("s") { for string in strings { try text(string) } }
  }

  func basic<T: BitwiseCopyable>(_ type: Unicode.Scalar, _ number: T) throws {
    try withUnsafePointer(to: number) {
      try check(sd_bus_message_append_basic(message, CChar(type.value), $0))
    }
  }

  func emptyArray(_ contents: String) throws {
    try array(contents) {}
  }

  private func bytes(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes {
      try check(sd_bus_message_append_array(message, CChar(UInt8(ascii: "y")), $0.baseAddress, $0.count))
    }
  }

  private func array(_ contents: String, _ body: () throws -> Void) throws {
    try inside("a", contents, body)
  }

  private func inside(_ type: Unicode.Scalar, _ contents: String, _ body: () throws -> Void) throws {
    try check(sd_bus_message_open_container(message, CChar(type.value), contents))
    try body()
    try check(sd_bus_message_close_container(message))
  }

  private func check(_ result: Int32) throws {
    if result < 0 { throw BusError(code: -result, text: "make a message") }
  }
}
