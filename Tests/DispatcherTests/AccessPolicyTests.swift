import DispatcherSettings
import EventModel
import Platform
import Testing

@testable import Dispatcher

@Suite struct AccessPolicyTests {
  private let stranger = PacketSocket.Credentials(pid: 1, uid: 4242, gid: 4243, groups: [4244])

  @Test(arguments: Role.allCases)
  func nobodyButRootAndItselfMayAttachByDefault(role: Role) {
    let policy = AccessPolicy()
    #expect(policy.refusal(stranger, as: nil)?.hasPrefix("user 4242 may not attach:") == true)
    #expect(policy.refusal(stranger, as: role)?.contains("access.\(role.name)_users") == true)
    #expect(policy.refusal(.init(pid: 1, uid: 0, gid: 0), as: role) == nil)
    let ownUser = PacketSocket.Credentials(pid: 1, uid: Machine.effectiveUserID(), gid: 4243)
    #expect(policy.refusal(ownUser, as: role) == nil)
  }

  @Test func aRoleIsGivenToAUserOrToAGroupOfIt() {
    for isGivenTo: (inout AccessPolicy.Members) -> Void in [
      { $0.users = [4242] }, { $0.groups = [4243] }, { $0.groups = [4244] },
    ] {
      var policy = AccessPolicy()
      isGivenTo(&policy.observe)
      #expect(policy.refusal(stranger, as: nil) == nil)
      #expect(policy.refusal(stranger, as: .observe) == nil)
      #expect(policy.refusal(stranger, as: .ingest) != nil)
      #expect(
        policy.refusal(stranger, as: .control)?.hasPrefix("user 4242 may not attach to control, only to observe:")
          == true)
    }
  }

  @Test func aRefusalNamesTheGroupToJoin() {
    var policy = AccessPolicy()
    policy.control.groupNames = ["ringmaster-operator", "wheel"]
    policy.observe.groupNames = ["ringmaster-observer"]
    let advice = "usermod -aG ringmaster-operator USER, or another of wheel"
    #expect(policy.refusal(stranger, as: .control)?.contains("\(advice), and log in again") == true)
    #expect(policy.refusal(stranger, as: .observe)?.contains("usermod -aG ringmaster-observer USER, and") == true)
    #expect(policy.refusal(stranger, as: .ingest)?.contains("usermod") == false)
    #expect(policy.refusal(stranger, as: nil)?.contains("\(advice), ringmaster-observer, and") == true)
  }

  @Test func controlIncludesTheOthersAndTheyDoNotIncludeEachOther() {
    var policy = AccessPolicy()
    policy.control.users = [4242]
    for role in Role.allCases { #expect(policy.refusal(stranger, as: role) == nil) }
    policy = AccessPolicy()
    policy.ingest.users = [4242]
    #expect(policy.refusal(stranger, as: .ingest) == nil)
    #expect(policy.refusal(stranger, as: .observe) != nil && policy.refusal(stranger, as: .control) != nil)
    #expect(policy.refusal(.init(pid: 1, uid: 4245, gid: 4246), as: .ingest) != nil)
  }
}
