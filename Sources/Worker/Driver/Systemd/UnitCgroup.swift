import Platform

/// What the kernel says of the control groups of a slice's units: what it says itself, systemd need not be asked for.
struct UnitCgroup {
  private let folder: String

  /// - Returns: nil where the control groups cannot be found: of version 1, or not those of the first process.
  init?(slice: String) {
    let head = TextFile.head("/proc/1/cgroup").split(separator: "\n")
    guard let own = head.first(where: { $0.hasPrefix("0::") })?.dropFirst(3), own.hasSuffix("/init.scope") else {
      return nil
    }
    var path = "/sys/fs/cgroup\(own.dropLast("/init.scope".count))"
    guard Folder.fileExists("\(path)/cgroup.controllers") else { return nil }
    // ringmaster-tasks.slice is a part of ringmaster.slice.
    var parent = ""
    for part in slice.dropLast(".slice".count).split(separator: "-") {
      parent += (parent.isEmpty ? "" : "-") + part
      path += "/\(parent).slice"
    }
    folder = path
  }

  /// Whether a process of the unit lives; nil where there is no control group of it.
  func isPopulated(_ unit: String) -> Bool? {
    value("populated", in: "\(folder)/\(unit)/cgroup.events").map { $0 != 0 }
  }

  /// Processor time, of all processes that there were.
  func cpuNs(_ unit: String) -> UInt64? {
    value("usage_usec", in: "\(folder)/\(unit)/cpu.stat").map { $0 &* 1000 }
  }

  func peakMemoryBytes(_ unit: String) -> Int64? {
    Int64(TextFile.head("\(folder)/\(unit)/memory.peak").prefix { $0 != "\n" })
  }

  private func value(_ key: String, in path: String) -> UInt64? {
    for line in TextFile.head(path).split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 2, words[0] == key { return UInt64(words[1]) }
    }
    return nil
  }
}
