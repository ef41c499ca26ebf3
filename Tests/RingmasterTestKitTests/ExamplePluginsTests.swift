import Controller
import EventBus
import EventModel
import ExamplePlugins
import Logging
import RingmasterTestKit
import Testing

/// Each of the example parts by itself, as a deployment would test its own.
@Suite struct ExamplePluginsTests {
  private let log = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

  @Test func aJobWithoutAnOwnerIsDropped() {
    let cluster = TestCluster()
    cluster.bus.add(OwnerRequired())
    for owner in [nil, ""] {
      #expect(cluster.submit("orphan", owner: owner).disposition == .dropped(by: "owner-required"))
    }
    #expect(cluster.submit("mine", owner: "ann").succeeded)
    #expect(cluster.job("orphan") == nil && cluster.job("mine") != nil)
    #expect(cluster.bus.counters.drops(by: "owner-required") == 2)
  }

  /// As the README has it.
  @Test func aJobNeedsAnOwner() throws {
    let cluster = TestCluster(policy: LastFit())
    cluster.bus.add(OwnerRequired())
    cluster.addWorker("w1", cpus: 4)
    #expect(cluster.submit("orphan").disposition == .dropped(by: "owner-required"))
    #expect(cluster.submit("mine", owner: "ann").succeeded)
    cluster.place()
    #expect(cluster.task(0, of: "mine")?.worker?.name == "w1")
    try cluster.run(#"{"type":"WORKER_FAILED","worker_id":"w1"}"#)
    #expect(cluster.task(0, of: "mine")?.state == .pending)
  }

  @Test func everythingElsePasses() {
    let cluster = TestCluster()
    cluster.bus.add(OwnerRequired())
    for event in Event.samples { #expect(cluster.send(event).transaction != nil, "\(event.kind.name)") }
  }

  @Test func aJobIsEnteredUnderItsTransaction() throws {
    let cluster = TestCluster()
    cluster.bus.add(JobRegister(log: log))
    let entered = cluster.submit("j", owner: "ann")
    #expect(entered.value(of: "job-register") == "entry \(try #require(entered.transaction).number)")
    let again = cluster.submit("j", owner: "ann")
    #expect(again.transaction?.outcome == .rejected(.duplicateJob) && again.value(of: "job-register") == nil)
  }

  @Test func anUnknownOwnerIsReported() {
    let cluster = TestCluster()
    cluster.bus.add(JobRegister(log: log))
    let lost = cluster.submit("lost", owner: "nemo")
    #expect(lost.error(of: "job-register") == "nemo is in no book")
    #expect(!lost.succeeded && cluster.job("lost") != nil)
    #expect(cluster.letters.results == [lost])
  }

  @Test func lastFitTakesTheLastWorkerWithRoom() {
    let cluster = TestCluster(policy: LastFit())
    for name in ["w1", "w2", "w3"] { cluster.addWorker(name, cpus: 2) }
    cluster.submit("small", replicas: 3)
    cluster.submit("large", cpus: 2)
    cluster.submit("none", cpus: 3)
    cluster.place()
    #expect(cluster.tasks(of: "small").map(\.worker?.name) == ["w3", "w3", "w2"])
    #expect(cluster.task(0, of: "large")?.worker?.name == "w1")
    #expect(cluster.task(0, of: "none")?.state == .pending)
  }

  @Test func nonsenseFromAPolicyPlacesNothingWrongly() {
    let cluster = TestCluster(policy: HostilePolicy())
    for number in 0..<5 { cluster.addWorker("w\(number)", cpus: 2) }
    for number in 0..<20 {
      cluster.submit("j\(number)", replicas: 10) { $0.coscheduled = number.isMultiple(of: 3) }
      cluster.place()
      cluster.advance(byMs: 1000)
    }
    #expect(cluster.checkInvariants().isEmpty)
    #expect((0..<5).allSatisfy { cluster.worker("w\($0)")?.committed.milliCPU ?? .max <= 2000 })
  }
}
