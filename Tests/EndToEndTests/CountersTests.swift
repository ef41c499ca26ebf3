import Foundation
import Testing

extension EndToEndTests {
  @Suite struct CountersTests {
    /// What somebody else put under the name of a counter page is named, and keeps nobody from reading the others.
    @Test(.enabled(if: getuid() == 0)) func foreignPagesAreLeftOut() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let planted = ["x", "y"].map { "/dev/shm/ringmaster.\(bench.instance).\($0).counters" }
        defer { for path in planted { unlink(path) } }
        for path in planted {
          try Data(count: 4096).write(to: URL(filePath: path))
          #expect(chown(path, 65534, 65534) == 0)
        }
        let counters = try bench.ringctl("counters", "--instance", bench.instance, "--json")
        #expect(counters.exit == .code(0), "\(counters.errors)")
        #expect(counters.errorLines.count == 2)
        for name in ["x", "y"] { #expect(counters.errors.contains("\(name): its counters are of user nobody")) }
        let processes = try counters.outputLines.compactMap { try JSON(parsing: $0)["process"] }
        #expect(processes == ["ringmasterd", "ringmasterd-control"])
      }
    }
  }
}
