// swift-tools-version: 6.2
import Foundation
import PackageDescription

// CI turns warnings into errors; a user's newer compiler may warn about things this one does not.
let warnings: [SwiftSetting] = Context.environment["CI"] == nil ? [] : [.treatAllWarnings(as: .error)]
let swift: [SwiftSetting] = warnings
// The pure modules are free of unsafe code, and the compiler checks it.
let pure: [SwiftSetting] = warnings + [.strictMemorySafety()]

// DPDK's headers do not compile without these flags, and its library is linked only where it is installed.
let hasDPDK = FileManager.default.fileExists(atPath: "/usr/include/dpdk/rte_ring.h")
let hasZeroMQ = FileManager.default.fileExists(atPath: "/usr/include/zmq.h")
let compare: BuildSettingCondition = .when(traits: ["Compare"])
let dpdkFlags = ["-march=corei7", "-I/usr/include/dpdk", "-I/usr/include/x86_64-linux-gnu/dpdk"]
let peerQueueSettings: [CXXSetting] =
  [.define("RINGPERF_COMPARE", compare)]
  + (hasDPDK ? [.define("RINGPERF_DPDK", compare), .unsafeFlags(dpdkFlags, compare)] : [])
let peerQueueLibraries: [LinkerSetting] =
  (hasDPDK ? [.linkedLibrary("rte_ring", compare)] : []) + (hasZeroMQ ? [.linkedLibrary("zmq", compare)] : [])

let package = Package(
  name: "ringmaster",
  products: [
    .library(name: "RingmasterClient", targets: ["RingmasterClient", "EventModel"]),
    .library(
      name: "RingmasterPlugins",
      targets: ["EventModel", "EventBus", "Controller", "Dispatcher", "Configuration", "RingmasterDaemon"]),
    .executable(name: "ringmasterd", targets: ["ringmasterd"]),
    .executable(name: "ringmaster-ingest", targets: ["ringmaster-ingest"]),
    .executable(name: "ringmaster-archive", targets: ["ringmaster-archive"]),
    .executable(name: "ringctl", targets: ["ringctl"]),
    .executable(name: "ringperf", targets: ["ringperf"]),
  ],
  traits: [
    .trait(name: "Compare", description: "ringperf compare: other queues beside the ring; needs their -dev packages."),
    .trait(name: "Fuzz", description: "ringfuzz with libFuzzer: Tests/ringfuzz/run builds it."),
  ],
  dependencies: [
    // Commands, options, help texts and shell completions.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    // The logging interface that a deployment can point at its own backend.
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    // The configuration file: TOML 1.0 with its quoting, arrays and tables, and the line of a fault.
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    // Latency distributions in the format that the field's plotters and papers use.
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
  ],
  targets: [
    // The shared-memory layout and the little C that Swift cannot say.
    .target(name: "CRingmaster"),
    .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
    // SHA-256 for the journal's chain, by the processor's instructions.
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .target(name: "Platform", dependencies: ["CRingmaster"], swiftSettings: swift),
    // Its C interface with types and errors: GRDB costs 2.2 times its CPU a row and two minutes of building.
    .target(name: "SQLite", dependencies: ["CSQLite"], swiftSettings: swift),

    // Pure: no Foundation, clock, I/O or randomness.
    .target(name: "EventModel", swiftSettings: pure),
    .target(name: "Controller", dependencies: ["EventModel"], swiftSettings: pure),
    .target(name: "EventBus", dependencies: ["EventModel"], swiftSettings: pure),

    .target(name: "EventRing", dependencies: ["CRingmaster", "Platform"], swiftSettings: swift),
    .target(name: "EventCodec", dependencies: ["EventModel", "CRingmaster"], swiftSettings: swift),
    .target(name: "EventJSON", dependencies: ["EventModel"], swiftSettings: pure),
    .target(name: "Simulator", dependencies: ["EventModel", "Controller", "EventJSON"], swiftSettings: pure),
    .target(
      name: "Journal",
      dependencies: [
        "CCrypto", "CRingmaster", "Platform", "EventModel", "EventCodec", "EventBus", "Controller",
      ],
      swiftSettings: swift),
    // Follows a journal: snapshots for the dispatcher, history in SQLite for everybody else.
    .target(
      name: "Archive",
      dependencies: [
        "SQLite", "CRingmaster", "Platform", "EventModel", "EventJSON", "Controller", "Journal", "ServiceManager",
        "LogMessages",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swift),
    .target(name: "Telemetry", dependencies: ["CRingmaster", "Platform"], swiftSettings: swift),
    .target(name: "ServiceManager", dependencies: ["CSystemd", "Platform"], swiftSettings: swift),
    // The kinds of log entry, with the ids that the message catalog explains them under.
    .target(
      name: "LogMessages", dependencies: [.product(name: "Logging", package: "swift-log")], swiftSettings: swift),
    .target(
      name: "ServiceLog",
      dependencies: ["CSystemd", "Platform", "LogMessages", .product(name: "Logging", package: "swift-log")],
      swiftSettings: swift),
    .target(
      name: "ServiceProgram",
      dependencies: [
        "Platform", "LogMessages", "ServiceLog", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swift),
    .target(
      name: "Dispatcher",
      dependencies: [
        "CRingmaster", "Platform", "EventModel", "Controller", "EventBus", "EventRing", "EventCodec", "Telemetry",
        "ServiceManager", "Journal", "LogMessages", .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swift),
    .target(
      name: "RingmasterClient",
      dependencies: ["CRingmaster", "EventRing", "EventCodec", "EventModel", "Platform"],
      swiftSettings: swift),
    .target(
      name: "Ingest",
      dependencies: [
        "CRingmaster", "Platform", "EventModel", "EventCodec", "RingmasterClient", "EventJSON", "Telemetry",
        "LogMessages", "ServiceManager",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swift),
    .target(name: "Terminal", dependencies: ["Platform"], swiftSettings: swift),
    // The whole dispatcher under one seed, with a clock and a disk of its own.
    .target(
      name: "DispatcherSimulator",
      dependencies: [
        "CRingmaster", "Platform", "EventModel", "Controller", "EventBus", "EventRing", "EventCodec", "Journal",
        "Dispatcher", "RingmasterClient", "Archive", "SQLite", "EventJSON", "Simulator",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swift),
    .target(
      name: "Demo",
      dependencies: [
        "CRingmaster", "Platform", "EventModel", "EventCodec", "RingmasterClient", "Ingest", "Telemetry", "Terminal",
        "EventJSON", "Archive",
      ],
      swiftSettings: swift),

    // Settings and the registry of parts that they switch on.
    .target(
      name: "Configuration",
      dependencies: [
        "Dispatcher", "Controller", "EventBus", "EventModel", "EventRing", "Telemetry", "Journal", "Platform",
        "LogMessages",
        .product(name: "TOMLKit", package: "TOMLKit"), .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swift),
    // The command ringmasterd as a library, so that a deployment can build its own with its own parts.
    .target(
      name: "RingmasterDaemon",
      dependencies: [
        "Configuration", "Dispatcher", "EventModel", "EventRing", "Journal", "Platform", "LogMessages", "ServiceLog",
        "ServiceManager", "ServiceProgram",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swift),

    // Executables are thin: they parse arguments and call a library.
    .executableTarget(name: "ringmasterd", dependencies: ["RingmasterDaemon"], swiftSettings: swift),
    .executableTarget(
      name: "ringmaster-ingest",
      dependencies: [
        "Ingest", "RingmasterClient", "Platform", "LogMessages", "ServiceLog", "ServiceProgram",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swift),
    .executableTarget(
      name: "ringmaster-archive",
      dependencies: [
        "Archive", "Configuration", "Journal", "EventJSON", "Terminal", "Platform", "LogMessages", "ServiceLog",
        "ServiceProgram",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swift),
    .executableTarget(
      name: "ringctl",
      dependencies: [
        "Platform", "EventModel", "EventCodec", "RingmasterClient", "Controller", "EventBus", "EventJSON", "Simulator",
        "Telemetry", "Terminal", "Demo", "Configuration", "Journal", "Dispatcher", "Archive", "SQLite",
        "DispatcherSimulator", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swift),
    // The vocabulary, and what follows from it: the C header, Swift types and codecs, the reference page.
    .target(
      name: "Schema", dependencies: [.product(name: "TOMLKit", package: "TOMLKit")], exclude: ["vocabulary.toml"],
      swiftSettings: swift),
    .executableTarget(
      name: "ringschema",
      dependencies: ["Schema", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      swiftSettings: swift),
    .target(name: "CRingperf", path: "bench/Sources/CRingperf"),
    .target(
      name: "CPeerQueues",
      dependencies: ["CRingperf", "CRingmaster"],
      path: "bench/Sources/CPeerQueues",
      cxxSettings: peerQueueSettings,
      linkerSettings: peerQueueLibraries),
    .executableTarget(
      name: "ringperf",
      dependencies: [
        "CRingmaster", "CRingperf", "CPeerQueues", "EventRing", "EventModel", "EventCodec", "Controller", "EventJSON",
        "RingmasterClient", "Ingest", "Telemetry", "Terminal", "Platform", "Journal", "SQLite",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Histogram", package: "hdrhistogram-swift"),
      ],
      path: "bench/Sources/ringperf",
      swiftSettings: swift),

    // Counts heap allocations per thread by standing in front of the C library's allocator.
    .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
    // What several test targets share.
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: swift),
    // What a loss of power leaves of a journal's files, at any moment of a run.
    .target(name: "PowerCut", dependencies: ["Journal", "Platform"], path: "Tests/PowerCut", swiftSettings: swift),
    .testTarget(
      name: "EventModelTests", dependencies: ["EventModel", "EventJSON", "TestSupport"], swiftSettings: swift),
    .testTarget(
      name: "ControllerTests", dependencies: ["Controller", "EventModel", "TestSupport"], swiftSettings: swift),
    // The rules once more, slow and simple, to compare the controller with.
    .target(name: "ReferenceModel", dependencies: ["EventModel"], path: "Tests/ReferenceModel", swiftSettings: swift),
    .testTarget(
      name: "SimulatorTests",
      dependencies: ["Simulator", "ReferenceModel", "Controller", "EventModel", "EventJSON"],
      swiftSettings: swift),
    .testTarget(
      name: "FuzzTests",
      dependencies: [
        "CAllocationCounter", "CRingmaster", "EventCodec", "EventModel", "EventJSON", "Simulator", "Controller",
        "Dispatcher", "DispatcherSimulator", "Ingest", "ringfuzz",
      ],
      swiftSettings: swift),
    .testTarget(
      name: "ConformanceTests",
      dependencies: ["Controller", "EventModel", "EventJSON", "Simulator", "ringctl"],
      resources: [.copy("Cases")],
      swiftSettings: swift),
    .testTarget(name: "EventBusTests", dependencies: ["EventBus", "EventModel", "Controller"], swiftSettings: swift),
    // Records that show damage, and a process that writes them until it is killed.
    .target(
      name: "RingTestRecords", dependencies: ["CRingmaster"], path: "Tests/RingTestRecords", swiftSettings: swift),
    .executableTarget(
      name: "ringwriter",
      dependencies: ["RingTestRecords", "EventRing", "Platform", "CRingmaster"],
      path: "Tests/ringwriter",
      swiftSettings: swift),
    // Both ends of a ring in one process, built with ThreadSanitizer by .ci/run.
    .executableTarget(
      name: "ringrace",
      dependencies: ["RingTestRecords", "EventRing", "Platform", "CRingmaster"],
      path: "Tests/ringrace",
      swiftSettings: swift),
    // Peers that speak the protocol by hand.
    .target(
      name: "RawPeers", dependencies: ["CRingmaster", "EventRing", "Platform"], path: "Tests/RawPeers",
      swiftSettings: swift),
    // System calls that tests need and Swift cannot make.
    .target(name: "CTestSystem", path: "Tests/CTestSystem"),
    // Does to a real dispatcher what a hostile peer could do.
    .executableTarget(
      name: "ringhostile",
      dependencies: [
        "RawPeers", "CTestSystem", "CRingmaster", "Platform", "EventJSON", "EventModel", "EventCodec", "EventRing",
        "RingmasterClient", "Ingest",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/ringhostile",
      swiftSettings: swift),
    // A whole dispatcher, or a decoder, under libFuzzer.
    .executableTarget(
      name: "ringfuzz",
      dependencies: [
        "DispatcherSimulator", "Dispatcher", "Ingest", "EventCodec", "EventJSON", "EventModel", "CRingmaster",
        "Platform", "Simulator",
      ],
      path: "Tests/ringfuzz", exclude: ["run"],
      swiftSettings: swift),
    // Kills the processes of a cluster controller and looks whether anything is lost.
    .executableTarget(
      name: "ringtorture",
      dependencies: [
        "Dispatcher", "RingmasterClient", "Journal", "Controller", "EventBus", "EventCodec", "EventModel", "EventJSON",
        "Platform", "CRingmaster", "SQLite", "TestSupport", "Ingest", .product(name: "Logging", package: "swift-log"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/ringtorture",
      swiftSettings: swift),
    .testTarget(
      name: "EventRingTests",
      dependencies: ["EventRing", "Platform", "CRingmaster", "RingTestRecords", "ringwriter", "TestSupport"],
      swiftSettings: swift),
    .testTarget(
      name: "EventCodecTests", dependencies: ["EventCodec", "EventModel", "CRingmaster", "TestSupport"],
      swiftSettings: swift),
    .testTarget(
      name: "DispatcherTests",
      dependencies: [
        "Dispatcher", "RingmasterClient", "CAllocationCounter", "CRingmaster", "Platform", "Telemetry", "EventModel",
        "EventBus", "EventCodec", "EventRing", "Controller", "Journal", "TestSupport", "PowerCut", "RawPeers",
        "CTestSystem",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swift),
    // Journals for tests, written as a dispatcher writes them.
    .target(
      name: "JournalTestSupport",
      dependencies: ["Journal", "Simulator", "TestSupport", "Platform", "EventModel", "Controller"],
      path: "Tests/JournalTestSupport",
      swiftSettings: swift),
    .testTarget(
      name: "ArchiveTests",
      dependencies: [
        "Archive", "SQLite", "ringmaster-archive", "JournalTestSupport", "TestSupport", "Journal", "EventJSON",
        "EventModel", "Controller", "Platform", "CTestSystem", "LogMessages", "CRingmaster",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swift),
    // Files of every released format.
    .testTarget(
      name: "GoldenTests",
      dependencies: [
        "Journal", "Archive", "SQLite", "Dispatcher", "RingmasterClient", "Schema", "JournalTestSupport", "EventJSON",
        "EventModel", "EventBus", "Controller", "Platform", "CRingmaster",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swift),
    .testTarget(
      name: "JournalTests",
      dependencies: [
        "Journal", "JournalTestSupport", "Simulator", "EventJSON", "CAllocationCounter", "TestSupport", "PowerCut",
        "CRingmaster", "Platform", "EventModel", "EventCodec", "EventBus", "Controller", "ringctl",
      ],
      swiftSettings: swift),
    .testTarget(
      name: "ConfigurationTests",
      dependencies: [
        "Configuration", "Dispatcher", "Controller", "EventBus", "EventModel", "Platform", "LogMessages",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swift),
    // Parts as a deployment would write them, and a ringmasterd of its own that offers them.
    .target(
      name: "ExamplePlugins",
      dependencies: [
        "EventModel", "EventBus", "Controller", "Configuration", .product(name: "Logging", package: "swift-log"),
      ],
      path: "Tests/ExamplePlugins",
      swiftSettings: swift),
    .executableTarget(
      name: "example-ringmasterd", dependencies: ["ExamplePlugins", "RingmasterDaemon"],
      path: "Tests/example-ringmasterd",
      swiftSettings: swift),
    .testTarget(
      name: "TelemetryTests", dependencies: ["Telemetry", "Platform", "CRingmaster", "CTestSystem"],
      swiftSettings: swift),
    .testTarget(
      name: "DispatcherSimulatorTests", dependencies: ["DispatcherSimulator"], swiftSettings: swift),
    .testTarget(name: "ServiceManagerTests", dependencies: ["ServiceManager", "Platform"], swiftSettings: swift),
    .testTarget(
      name: "ServiceLogTests",
      dependencies: ["ServiceLog", "LogMessages", "Platform", .product(name: "Logging", package: "swift-log")],
      swiftSettings: swift),
    .testTarget(name: "TerminalTests", dependencies: ["Terminal", "Platform"], swiftSettings: swift),
    .testTarget(
      name: "IngestTests",
      dependencies: [
        "CRingmaster", "Platform", "EventModel", "EventRing", "EventCodec", "Telemetry", "Ingest",
        "CAllocationCounter", "TestSupport", .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swift),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "RingmasterClient", "Ingest", "ringctl", "ringmasterd", "ringmaster-ingest", "ringmaster-archive",
        "example-ringmasterd", "CTestSystem",
      ],
      swiftSettings: swift),
    .testTarget(
      name: "TortureTests", dependencies: ["ringtorture", "ringmaster-ingest", "ringmaster-archive"],
      swiftSettings: swift),
    .testTarget(
      name: "RingperfTests",
      dependencies: [
        "ringperf", "EventJSON", "Terminal", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swift),
    .testTarget(
      name: "SchemaTests", dependencies: ["Schema", "CRingmaster", "EventCodec", "EventJSON", "EventModel"],
      swiftSettings: swift),
    .testTarget(name: "HouseTests", dependencies: ["CAllocationCounter"], swiftSettings: swift),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
