import Testing

@Suite struct ImportRuleTests {
  private func manifest() throws -> Manifest {
    Manifest(try SourceTree.lines(of: "Package.swift").joined(separator: "\n"))
  }

  @Test func everyFileImportsOnlyWhatItsModuleMay() throws {
    let manifest = try manifest()
    for path in try SourceTree.paths(in: ["Sources", "Tests", "bench"], endings: ["swift"]) {
      let owner = manifest.targets.filter { path.hasPrefix($0.folder + "/") }.max { $0.folder.count < $1.folder.count }
      let target = try #require(owner, "\(path) belongs to no target of Package.swift")
      let imports = try SourceTree.lines(of: path).compactMap(ImportRules.importedModule)
      let violations = ImportRules.violations(of: target, file: path, imports: imports)
      #expect(violations.isEmpty, "\(path): \(target.name) may not import \(violations.joined(separator: ", "))")
    }
  }

  @Test func theManifestIsUnderstood() throws {
    let targets = try manifest().targets
    let names = targets.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(ImportRules.pureModules.isSubset(of: names))
    #expect(ImportRules.systemModules.isSubset(of: names))
    #expect(ImportRules.foundationModules.isSubset(of: names))
    let ringctl = try #require(targets.first { $0.name == "ringctl" })
    #expect(ringctl.dependencies.isSuperset(of: ["RingmasterClient", "ArgumentParser"]))
    #expect(!ringctl.dependencies.contains("swift-argument-parser"))
    let ringperf = try #require(targets.first { $0.name == "ringperf" })
    #expect(ringperf.folder == "bench/Sources/ringperf")
    let house = try #require(targets.first { $0.name == "HouseTests" })
    #expect(house.isTest && house.folder == "Tests/HouseTests")
  }

  /// What reads, asks and archives has no dispatcher in it, nor does what only names its settings.
  @Test(arguments: ["ringctl", "ringmaster-archive", "ringmaster-ingest", "Configuration"])
  func onlyTheDispatchersProgramsLinkTheDispatcher(program: String) throws {
    let needed = try manifest().everything(neededBy: program)
    #expect(needed.isDisjoint(with: ["Dispatcher", "DispatcherSimulator"]))
    #expect(needed.contains("Platform"))
    #expect(try manifest().everything(neededBy: "ringmasterd").contains("Dispatcher"))
  }

  /// README's first command builds the program ringmaster-demo, and with it these.
  @Test func theProgramsNeedNothingOfTestsAndBenchmark() throws {
    let manifest = try manifest()
    let needed = manifest.everything(neededBy: "ringmaster-demo")
    #expect(needed.isSuperset(of: ["ringctl", "ringmasterd", "ringmaster-ingest", "ringmaster-archive"]))
    #expect(!needed.contains("Histogram"))
    for target in manifest.targets where needed.contains(target.name) {
      #expect(target.folder.hasPrefix("Sources/"), "\(target.name) is built with the programs")
    }
  }

  @Test(arguments: [
    ("import Glibc", "Glibc"), ("  public import EventModel", "EventModel"), ("@testable import Ingest", "Ingest"),
    ("@_spi(Testing) internal import Dispatch", "Dispatch"), ("import struct Foundation.Date", "Foundation"),
    ("import Foundation.NSDate // why", "Foundation"),
  ])
  func anImportIsSeen(line: String, module: String) {
    #expect(ImportRules.importedModule(line[...]) == module)
  }

  @Test(arguments: ["// import Glibc", "let important = 1", "/// Names to import Foundation by"])
  func otherLinesImportNothing(line: String) {
    #expect(ImportRules.importedModule(line[...]) == nil)
  }

  @Test(arguments: [
    ("Controller", "Foundation"), ("Controller", "Glibc"), ("EventBus", "Controller"), ("EventModel", "Dispatch"),
    ("Dispatcher", "Glibc"), ("Dispatcher", "Foundation"), ("Dispatcher", "Ingest"), ("RingmasterClient", "Dispatcher"),
    ("Platform", "Foundation"), ("ringmasterd", "Glibc"), ("EventRing", "EventModel"),
    ("EventModelTests", "Dispatcher"), ("Archive", "CSQLite"), ("Archive", "Dispatcher"), ("Archive", "Glibc"),
    ("ringctl", "CSQLite"), ("Journal", "SQLite"), ("Dispatcher", "Archive"), ("SQLite", "Platform"),
    ("ControlPlane", "Dispatcher"), ("ControlPlane", "Controller"), ("ControlPlane", "EventBus"),
    ("ControlPlane", "EventCodec"), ("DispatcherSettings", "ControlPlane"), ("Configuration", "Dispatcher"),
    ("Dispatcher", "ServiceLog"), ("Dispatcher", "CSystemd"), ("LogMessages", "Platform"), ("EventBus", "Logging"),
  ])
  func whatTheDesignForbidsIsFound(module: String, imported: String) throws {
    let target = try #require(try manifest().targets.first { $0.name == module })
    #expect(ImportRules.violations(of: target, file: "Any.swift", imports: [imported]) == [imported])
  }

  @Test(arguments: [
    ("Controller", "EventModel"), ("EventBus", "Synchronization"), ("Platform", "Glibc"), ("Ingest", "Foundation"),
    ("Dispatcher", "Logging"), ("RingmasterDaemon", "ArgumentParser"), ("EventModelTests", "Testing"),
    ("SQLite", "CSQLite"), ("Archive", "SQLite"), ("Archive", "Journal"),
    ("Dispatcher", "ControlPlane"), ("Dispatcher", "LogMessages"), ("ServiceLog", "CSystemd"),
    ("RingmasterDaemon", "ServiceLog"),
  ])
  func whatTheDesignAllowsIsNot(module: String, imported: String) throws {
    let target = try #require(try manifest().targets.first { $0.name == module })
    #expect(ImportRules.violations(of: target, file: "Any.swift", imports: [imported]).isEmpty)
  }
}
