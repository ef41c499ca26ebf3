/// Who may import what: the design's module table, on top of the dependencies in `Package.swift`.
enum ImportRules {
  /// No Foundation, clock, input, output or randomness.
  static let pureModules: Set = ["EventModel", "Controller", "EventBus"]
  static let allowedInPureModules: Set = ["EventModel", "Synchronization"]
  /// The only Swift that calls the C library, the worker's drivers, and the benchmark, which measures its calls.
  static let systemModules: Set = ["Platform", "Worker", "ringperf"]
  static let foundationModules: Set = [
    "EventJSON", "Ingest", "Presentation", "ringctl", "ringmaster-simulator", "ringperf",
    "ringschema", "Terminal",
  ]
  static let allowedInTests: Set = ["Testing", "Foundation", "Glibc", "Synchronization"]

  static func violations(of target: Manifest.Target, file: String, imports: [String]) -> [String] {
    imports.filter { !isAllowed($0, in: target) }
  }

  private static func isAllowed(_ module: String, in target: Manifest.Target) -> Bool {
    if pureModules.contains(target.name) {
      return allowedInPureModules.contains(module)
        && (module == "Synchronization" || target.dependencies.contains(module))
    }
    if target.isTest && allowedInTests.contains(module) { return true }
    switch module {
    case "Synchronization": return true
    case "Glibc": return systemModules.contains(target.name)
    // Its C belongs to Platform; tests and the benchmark do by hand what a hostile or foreign process does.
    case "CPlatform":
      return target.dependencies.contains(module) && (target.name == "Platform" || !target.folder.hasPrefix("Sources/"))
    case "Foundation": return foundationModules.contains(target.name)
    default: return target.dependencies.contains(module)
    }
  }

  /// The modules that a line of Swift imports: one or none.
  static func importedModule(_ line: Substring) -> String? {
    guard line.contains("import") else { return nil }
    let pattern =
      #/^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+(?:(?:struct|class|enum|protocol|actor|func|var|let|typealias)\s+)?(\w+)/#
    return line.firstMatch(of: pattern).map { String($0.1) }
  }
}
