import Foundation

/// The message catalog in the folder `systemd`, as `journalctl --update-catalog` reads it.
struct Catalog {
  struct Entry {
    let id: String
    /// Subject, Defined-By, Support, Documentation.
    let headers: [String: String]
    let body: [Substring]

    /// What stands between `@`, in the whole entry.
    let fields: Set<String>

    /// The lines to be typed.
    var commands: [Substring] {
      body.filter { $0.hasPrefix("    ") && !$0.hasPrefix("    \"") }.map { $0.dropFirst(4) }
    }
  }

  let entries: [Entry]

  init() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../systemd/catalog/ringmaster.catalog")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
    let starts = lines.indices.filter { lines[$0].hasPrefix("-- ") }
    entries = zip(starts, starts.dropFirst() + [lines.endIndex]).map { start, end in
      Entry(id: String(lines[start].dropFirst(3)), lines: lines[(start + 1)..<end])
    }
  }
}

extension Catalog.Entry {
  fileprivate init(id: String, lines: ArraySlice<Substring>) {
    self.id = id
    let head = lines.prefix { !$0.isEmpty }
    headers = Dictionary(
      head.map { line in
        let parts = line.split(separator: ": ", maxSplits: 1)
        return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
      }, uniquingKeysWith: { first, _ in first })
    body = Array(lines.dropFirst(head.count + 1))
    fields = Set(lines.flatMap { $0.matches(of: #/@([A-Z0-9_]+)@/#).map { String($0.1) } })
  }
}
