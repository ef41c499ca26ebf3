extension ControllerState {
  /// The version of the rules by which events change the state. A journal records by which rules its events were handled, and
  /// is replayed by the same alone: a change after which any event makes another transaction, or another state, gets the next
  /// number.
  public static let machineVersion: UInt32 = 4
}
