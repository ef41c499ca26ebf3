import CRingmaster
import Platform

/// Where things stand in a counter page, and what its names may look like.
enum CounterPageLayout {
  static let headerBytes = MemoryLayout<rm_counters_header>.size
  static let counterBytes = MemoryLayout<rm_counter>.size
  static let maxCounters = Int(RM_COUNTERS_MAX)
  static let maxPageBytes = headerBytes + maxCounters * counterBytes
  // One byte less than the fields: the NUL that ends them.
  static let maxLabelBytes = MemoryLayout.size(ofValue: rm_counter().label) - 1
  static let maxProcessBytes = MemoryLayout.size(ofValue: rm_counters_header().process) - 1
  static let maxInstanceBytes = 64

  static let magicOffset = MemoryLayout<rm_counters_header>.offset(of: \.magic)!
  static let abiVersionOffset = MemoryLayout<rm_counters_header>.offset(of: \.abi_version)!
  static let countOffset = MemoryLayout<rm_counters_header>.offset(of: \.count)!
  static let pidOffset = MemoryLayout<rm_counters_header>.offset(of: \.pid)!
  static let processOffset = MemoryLayout<rm_counters_header>.offset(of: \.process)!
  static let labelOffset = MemoryLayout<rm_counter>.offset(of: \.label)!

  private static let suffix = ".counters"

  static func offset(ofCounter index: Int) -> Int {
    headerBytes + index * counterBytes
  }

  static func prefix(instance: String) throws -> String {
    guard isName(instance, maxBytes: maxInstanceBytes) else {
      throw CounterPageError.invalidName(instance, role: "instance", maxBytes: maxInstanceBytes)
    }
    return "/ringmaster.\(instance)."
  }

  static func objectName(instance: String, process: String) throws -> String {
    guard isName(process, maxBytes: maxProcessBytes) else {
      throw CounterPageError.invalidName(process, role: "process", maxBytes: maxProcessBytes)
    }
    return try prefix(instance: instance) + process + suffix
  }

  /// The name of a page whose usual one is taken: `/ringmaster.<instance>.<process>.<key>.counters`.
  static func name(_ usualName: String, key: UInt64) -> String {
    usualName.dropLast(suffix.count) + "." + String(key, radix: 16) + suffix
  }

  /// The names that pages of a process have, whoever made them, the usual one first.
  static func names(instance: String, process: String) throws -> [String] {
    let usual = try objectName(instance: instance, process: process)
    let prefix = try prefix(instance: instance)
    let all = SharedMemory.names(prefix: prefix + process + ".")
      .filter { self.process(ofObject: $0, prefix: prefix) == process }
    return all.filter { $0 == usual } + all.filter { $0 != usual }
  }

  /// Those of this user's pages.
  static func ownNames(instance: String, process: String) throws -> [String] {
    let prefix = try prefix(instance: instance)
    return SharedMemory.list(prefix: prefix + process + ".").own
      .filter { self.process(ofObject: $0, prefix: prefix) == process }
  }

  /// The process named by an object's name; nil when it is not the name of a counter page.
  static func process(ofObject name: String, prefix: String) -> String? {
    guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
    let parts = name.dropFirst(prefix.count).dropLast(suffix.count).split(
      separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2, UInt64(parts[1], radix: 16) == nil { return nil }
    return isName(String(parts[0]), maxBytes: maxProcessBytes) ? String(parts[0]) : nil
  }

  static func isLabel(_ label: String) -> Bool {
    (1...maxLabelBytes).contains(label.utf8.count) && isPrintable(label)
  }

  /// Labels end up on terminals.
  static func isPrintable(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
  }

  /// Object names are split at dots, so a dot inside a part would make two instances share a page.
  private static func isName(_ name: String, maxBytes: Int) -> Bool {
    (1...maxBytes).contains(name.utf8.count) && name.utf8.allSatisfy(isNameByte)
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "@"): true
    default: false
    }
  }
}
