import Controller

/// Going on with other settings, between two events.
extension DispatchLoop {
  /// Takes over the settings that wait to be taken over, once the journal has room for those that decide what events mean.
  mutating func configure() -> Bool {
    guard case .some = nextConfiguration else { return false }
    return takeOverConfiguration()
  }

  @inline(never)
  private mutating func takeOverConfiguration() -> Bool {
    guard let next = nextConfiguration else { return false }
    let before = state.configuration
    guard next.controller == before || journal.hasRoom() else { return false }
    nextConfiguration = nil
    state.configure(next.controller)
    if state.configuration != before { _ = journal.append(.configured(state.configuration)) }
    configuration = next
    delivery.limits = ResultDelivery.Limits(next)
    letters.limit(to: next.deadLetters)
    liveness.setInterval(ms: next.sweepIntervalMs)
    wasConfigured = true
    notices.post(.configured)
    return true
  }
}
