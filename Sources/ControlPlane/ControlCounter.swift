import Telemetry

/// The control thread's counters: a page has one writer a counter, so they stand apart from the dispatch thread's.
public enum ControlCounter: String, CounterLabel {
  case attachRefusedABI = "attach_refused_abi"
  case attachRefusedForbidden = "attach_refused_forbidden"
  case attachRefusedFull = "attach_refused_full"
  case attachRefusedMalformed = "attach_refused_malformed"
  case attachRefusedResources = "attach_refused_resources"
  case reloads
  case reloadsRefused = "reloads_refused"
  /// Connections that did not say in time who they are, or gave way to others before they did.
  case attachRefusedSilent = "attach_refused_silent"
}
