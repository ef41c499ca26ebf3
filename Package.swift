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
      targets: [
        "EventModel", "EventBus", "Controller", "DispatcherSettings", "ControlPlane", "Dispatcher", "Configuration",
        "RingmasterDaemon",
      ]),
    .library(name: "RingmasterTestKit", targets: ["RingmasterTestKit", "EventModel", "EventBus", "Controller"]),
    .executable(name: "ringmasterd", targets: ["ringmasterd"]),
    .executable(name: "ringmaster-ingest", targets: ["ringmaster-ingest"]),
    .executable(name: "ringmaster-archive", targets: ["ringmaster-archive"]),
    .executable(name: "ringmaster-worker", targets: ["ringmaster-worker"]),
    .executable(name: "ringctl", targets: ["ringctl"]),
    .executable(name: "ringmaster-demo", targets: ["ringmaster-demo"]),
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
    // What crosses a boundary between processes: the layout of rings, records, handshake and journal.
    .target(name: "CRingmaster"),
    // The little C that Swift cannot say: for Platform alone.
    .target(name: "CPlatform"),
    .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
    // SHA-256 for the journal's chain, by the processor's instructions.
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .target(name: "Platform", dependencies: ["CPlatform", "CRingmaster"], swiftSettings: swift),
    // Its C interface with types and errors: GRDB costs 2.2 times its CPU a row and two minutes of building.
    .target(name: "SQLite", dependencies: ["CSQLite"], swiftSettings: swift),

    // Pure: no Foundation, clock, I/O or randomness.
    .target(name: "EventModel", swiftSettings: pure),
    .target(name: "Controller", dependencies: ["EventModel"], swiftSettings: pure),
    .target(name: "EventBus", dependencies: ["EventModel"], swiftSettings: pure),

    .target(name: "EventRing", dependencies: ["CRingmaster", "Platform"], swiftSettings: swift),
    .target(name: "EventCodec", dependencies: ["EventModel", "CRingmaster"], swiftSettings: swift),
    .target(name: "EventJSON", dependencies: ["EventModel"], swiftSettings: pure),
    // The one random generator, of the simulations, the fleets and the tests.
    .target(name: "SeededRandom", swiftSettings: pure),
    .target(
      name: "Simulator", dependencies: ["EventModel", "Controller", "EventJSON"], swiftSettings: pure),
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
    // What a dispatcher is given: for it, and for whoever reads its configuration.
    .target(
      name: "DispatcherSettings",
      dependencies: ["Platform", "EventModel", "Controller", "EventBus", "EventRing", "Telemetry", "Journal"],
      swiftSettings: swift),
    // The control socket: who attaches, what they are given, who is put out. It speaks with the dispatch thread by mailbox.
    .target(
      name: "ControlPlane",
      dependencies: [
        "DispatcherSettings", "CRingmaster", "Platform", "EventModel", "EventRing", "Telemetry", "ServiceManager",
        "Journal", "LogMessages", .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swift),
    .target(
      name: "Dispatcher",
      dependencies: [
        "DispatcherSettings", "ControlPlane", "CRingmaster", "Platform", "EventModel", "Controller", "EventBus",
        "EventRing",
        "EventCodec", "Telemetry",
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
    // Transactions, tables, times and colours as every program shows them.
    .target(
      name: "Presentation",
      dependencies: [
        "EventModel", "EventJSON", "Terminal", "Platform",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swift),
    // The whole dispatcher under one seed, with a clock and a disk of its own.
    .target(
      name: "DispatcherSimulator",
      dependencies: [
        "SeededRandom", "CRingmaster", "Platform", "EventModel", "Controller", "EventBus", "EventRing", "EventCodec",
        "Journal",
        "DispatcherSettings", "ControlPlane", "Dispatcher", "RingmasterClient", "Worker", "Archive", "SQLite",
        "EventJSON",
        .product(name: "Logging", package: "swift-log"),
      ],
      path: "Tests/DispatcherSimulator", swiftSettings: swift),
    .target(
      name: "Demo",
      dependencies: [
        "SeededRandom", "CRingmaster", "Platform", "EventModel", "EventCodec", "RingmasterClient", "Ingest",
        "Telemetry", "Terminal",
        "EventJSON", "Archive", "Presentation",
      ],
      swiftSettings: swift),

    // Settings and the registry of parts that they switch on.
    .target(
      name: "Configuration",
      dependencies: [
        "DispatcherSettings", "Controller", "EventBus", "EventModel", "EventRing", "Telemetry", "Journal", "Platform",
        "LogMessages",
        .product(name: "TOMLKit", package: "TOMLKit"), .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swift),
    // The command ringmasterd as a library, so that a deployment can build its own with its own parts.
    .target(
      name: "RingmasterDaemon",
      dependencies: [
        "Configuration", "DispatcherSettings", "ControlPlane", "Dispatcher", "EventModel", "EventRing", "Journal",
        "Platform",
        "LogMessages", "ServiceLog",
        "ServiceManager", "ServiceProgram",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swift),

    // A controller and its bus in a test's own process, for those who write parts.
    .target(
      name: "RingmasterTestKit",
      dependencies: ["EventModel", "EventBus", "Controller", "EventJSON", "Simulator", "Journal"],
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
    // Runs the tasks of one machine.
    .target(
      name: "Worker",
      dependencies: [
        "EventModel", "EventCodec", "Platform", "CSystemd", "CTaskLaunch", "CTaskProcess",
        "RingmasterClient",
        "Configuration", "Presentation", "LogMessages", "ServiceManager",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swift),
    // What the driver without systemd and its shim say to each other, and its system calls.
    .target(name: "CTaskLaunch"),
    .target(name: "CTaskProcess", dependencies: ["CTaskLaunch"]),
    // The shim of one task, which outlives the worker: C, because one runs beside each task, without Swift's runtime, whose
    // loading takes longer than all else that it does.
    .executableTarget(
      name: "ringmaster-task", dependencies: ["CTaskLaunch"],
      linkerSettings: [.unsafeFlags(["-nostartfiles", "-static-executable"])]),
    .executableTarget(
      name: "ringmaster-worker",
      dependencies: [
        "Worker", "ringmaster-task", "RingmasterClient", "Configuration", "Platform", "ServiceLog", "ServiceProgram",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swift),
    .testTarget(
      name: "WorkerTests", dependencies: ["Worker", "EventModel", "Platform"], swiftSettings: swift),
    // A small worker around a driver, to be killed by its tests.
    .executableTarget(
      name: "taskdrive", dependencies: ["Worker", "EventModel", "Platform", "CBareUnits"], path: "Tests/taskdrive",
      swiftSettings: swift),
    // Units of systemd with no driver around them, to measure beside.
    .target(name: "CBareUnits", dependencies: ["CSystemd"], path: "Tests/CBareUnits"),
    .testTarget(
      name: "TaskDriverTests",
      dependencies: [
        "Worker", "EventModel", "Platform", "CTaskLaunch", "CTaskProcess", "taskdrive", "ringmaster-task",
      ],
      swiftSettings: swift),
    .executableTarget(
      name: "ringctl",
      dependencies: [
        "Platform", "EventModel", "RingmasterClient", "Controller", "EventBus", "EventJSON", "Simulator",
        "Telemetry", "Terminal", "Presentation", "Configuration", "JobFile", "Journal", "Archive", "SQLite",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swift),
    // Jobs as people write them down: TOML, and scripts with lines of it.
    .target(
      name: "JobFile", dependencies: ["Configuration", "EventModel", "EventJSON", "Presentation"], swiftSettings: swift),
    .executableTarget(
      name: "ringmaster-simulator",
      dependencies: [
        "DispatcherSimulator", "ControllerFuzzer", "Controller", "Platform", "EventJSON", "Terminal",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/ringmaster-simulator", swiftSettings: swift),
    // The vocabulary, and what follows from it: the C header, Swift types and codecs, the reference page.
    .target(
      name: "Schema", dependencies: [.product(name: "TOMLKit", package: "TOMLKit")], exclude: ["vocabulary.toml"],
      swiftSettings: swift),
    .executableTarget(
      name: "ringschema",
      dependencies: ["Schema", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      swiftSettings: swift),
    // Needs the programs that it starts, and ringctl beside it: to build this one is to build what is installed, without
    // the benchmark and the tools of the tests.
    .executableTarget(
      name: "ringmaster-demo",
      dependencies: [
        "Demo", "Presentation", "Platform", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        "ringmasterd", "ringmaster-ingest", "ringmaster-archive", "ringmaster-worker", "ringctl",
      ],
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
        "SeededRandom", "CPlatform", "CRingmaster", "CRingperf", "CPeerQueues", "EventRing", "EventModel", "EventCodec",
        "Controller", "EventJSON",
        "RingmasterClient", "Ingest", "Telemetry", "Terminal", "Platform", "Journal", "SQLite",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Histogram", package: "hdrhistogram-swift"),
      ],
      path: "bench/Sources/ringperf",
      swiftSettings: swift),

    // Counts heap allocations per thread by standing in front of the C library's allocator.
    .target(name: "CAllocationCounter", path: "Tests/CAllocationCounter"),
    // What the dispatch thread of a release build allocates, run by .ci/run.
    .executableTarget(
      name: "ringallocations",
      dependencies: [
        "Dispatcher", "DispatcherSettings", "CAllocationCounter", "CRingmaster", "EventCodec", "EventModel",
        "EventRing", "Platform",
        .product(name: "Logging", package: "swift-log"),
      ],
      path: "Tests/ringallocations", swiftSettings: swift),
    // What several test targets share.
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: swift),
    // What a loss of power leaves of a journal's files, at any moment of a run.
    .target(name: "PowerCut", dependencies: ["Journal", "Platform"], path: "Tests/PowerCut", swiftSettings: swift),
    .testTarget(
      name: "EventModelTests", dependencies: ["SeededRandom", "EventModel", "EventJSON"], swiftSettings: swift),
    .testTarget(
      name: "ControllerTests", dependencies: ["SeededRandom", "Controller", "EventModel"], swiftSettings: swift),
    // The rules once more, slow and simple, to compare the controller with.
    .target(name: "ReferenceModel", dependencies: ["EventModel"], path: "Tests/ReferenceModel", swiftSettings: swift),
    // The controller under one seed, beside the reference model.
    .target(
      name: "ControllerFuzzer",
      dependencies: ["SeededRandom", "EventModel", "Controller", "EventJSON", "Simulator", "ReferenceModel"],
      path: "Tests/ControllerFuzzer", swiftSettings: swift),
    .testTarget(
      name: "SimulatorTests",
      dependencies: ["SeededRandom", "ControllerFuzzer", "Simulator", "Controller", "EventModel", "EventJSON"],
      swiftSettings: swift),
    .testTarget(
      name: "FuzzTests",
      dependencies: [
        "SeededRandom", "CAllocationCounter", "CRingmaster", "EventCodec", "EventModel", "EventJSON",
        "ControllerFuzzer", "Controller",
        "Dispatcher", "DispatcherSimulator", "Ingest", "ringfuzz", "Schema",
      ],
      swiftSettings: swift),
    .testTarget(
      name: "ConformanceTests",
      dependencies: [
        "Platform", "Controller", "EventModel", "EventJSON", "Simulator", "ringctl", "ControllerFuzzer",
        "ReferenceModel",
      ],
      resources: [.copy("Cases")],
      swiftSettings: swift),
    .testTarget(
      name: "EventBusTests", dependencies: ["SeededRandom", "EventBus", "EventModel", "Controller"],
      swiftSettings: swift),
    // Records that show damage, and a process that writes them until it is killed.
    .target(
      name: "RingTestRecords", dependencies: ["CRingmaster"], path: "Tests/RingTestRecords", swiftSettings: swift),
    .executableTarget(
      name: "ringwriter",
      dependencies: ["RingTestRecords", "EventRing", "Platform", "CPlatform", "CRingmaster"],
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
        "Platform", "ControllerFuzzer",
      ],
      path: "Tests/ringfuzz", exclude: ["run"],
      swiftSettings: swift),
    // Kills the processes of a cluster controller and looks whether anything is lost.
    .executableTarget(
      name: "ringtorture",
      dependencies: [
        "SeededRandom", "CPlatform", "DispatcherSettings", "ControlPlane", "Dispatcher", "RingmasterClient", "Journal",
        "Controller",
        "EventBus",
        "EventCodec",
        "EventModel", "EventJSON",
        "Platform", "CRingmaster", "SQLite", "Ingest", .product(name: "Logging", package: "swift-log"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/ringtorture",
      swiftSettings: swift),
    .testTarget(
      name: "EventRingTests",
      dependencies: [
        "SeededRandom", "CPlatform", "EventRing", "Platform", "CRingmaster", "RingTestRecords", "ringwriter",
      ],
      swiftSettings: swift),
    .testTarget(
      name: "EventCodecTests", dependencies: ["SeededRandom", "EventCodec", "EventModel", "CRingmaster"],
      swiftSettings: swift),
    .testTarget(
      name: "DispatcherTests",
      dependencies: [
        "SeededRandom", "RingmasterTestKit", "DispatcherSettings", "ControlPlane", "Dispatcher", "RingmasterClient",
        "CAllocationCounter", "CRingmaster", "Platform", "Telemetry", "EventModel", "EventBus", "EventCodec",
        "EventRing", "Controller", "Journal", "TestSupport", "PowerCut", "RawPeers", "CTestSystem",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swift),
    // Journals for tests, written as a dispatcher writes them.
    .target(
      name: "JournalTestSupport",
      dependencies: ["SeededRandom", "Journal", "ControllerFuzzer", "Platform", "EventModel", "Controller"],
      path: "Tests/JournalTestSupport",
      swiftSettings: swift),
    .testTarget(
      name: "ArchiveTests",
      dependencies: [
        "SeededRandom", "Archive", "SQLite", "ringmaster-archive", "JournalTestSupport", "Journal", "EventJSON",
        "EventModel", "Controller", "Platform", "CTestSystem", "LogMessages", "CRingmaster",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swift),
    // Files of every released format.
    .testTarget(
      name: "GoldenTests",
      dependencies: [
        "Journal", "Archive", "SQLite", "ControlPlane", "Dispatcher", "RingmasterClient", "Schema",
        "JournalTestSupport", "EventJSON",
        "EventModel", "EventBus", "Controller", "Platform", "CRingmaster",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swift),
    .testTarget(
      name: "JournalTests",
      dependencies: [
        "SeededRandom", "CPlatform", "Journal", "JournalTestSupport", "Simulator", "EventJSON", "CAllocationCounter",
        "TestSupport",
        "PowerCut",
        "CRingmaster", "Platform", "EventModel", "EventCodec", "EventBus", "Controller", "ringctl",
      ],
      swiftSettings: swift),
    .testTarget(
      name: "JobFileTests", dependencies: ["JobFile", "Configuration", "EventModel"], swiftSettings: swift),
    .testTarget(
      name: "ConfigurationTests",
      dependencies: [
        "Configuration", "DispatcherSettings", "Controller", "EventBus", "EventModel", "Platform", "LogMessages",
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
      name: "RingmasterTestKitTests",
      dependencies: [
        "RingmasterTestKit", "ExamplePlugins", "EventModel", "EventBus", "Controller",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swift),
    .testTarget(
      name: "TelemetryTests", dependencies: ["SeededRandom", "Telemetry", "Platform", "CRingmaster", "CTestSystem"],
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
        "SeededRandom", "CRingmaster", "Platform", "EventModel", "EventRing", "EventCodec", "Telemetry", "Ingest",
        "RingmasterClient",
        "CAllocationCounter", .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swift),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "Platform", "RingmasterClient", "Ingest", "ringctl", "ringmaster-demo", "ringmasterd", "ringmaster-ingest",
        "ringmaster-archive",
        "example-ringmasterd", "CTestSystem",
      ],
      exclude: ["ForeignClient"],
      swiftSettings: swift),
    .testTarget(
      name: "TortureTests", dependencies: ["Platform", "ringtorture", "ringmaster-ingest", "ringmaster-archive"],
      swiftSettings: swift),
    .testTarget(
      name: "RingperfTests",
      dependencies: [
        "ringperf", "EventJSON", "Platform", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swift),
    .testTarget(
      name: "SchemaTests", dependencies: ["Schema", "CRingmaster", "EventCodec", "EventJSON", "EventModel"],
      swiftSettings: swift),
    .testTarget(name: "HouseTests", dependencies: ["Platform", "CAllocationCounter"], swiftSettings: swift),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
