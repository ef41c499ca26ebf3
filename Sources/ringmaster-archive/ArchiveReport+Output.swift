import Archive
import EventJSON
import Terminal

extension ArchiveReport {
  var json: JSONValue {
    .object([
      JSONValue.Member("commits", .integer(counters.commits)),
      JSONValue.Member("records", .integer(counters.records)),
      JSONValue.Member("transactions", .integer(counters.transactions)),
      JSONValue.Member("actions", .integer(counters.actions)),
      JSONValue.Member("bytes", .integer(counters.bytes)),
      JSONValue.Member("batches", .integer(counters.batches)),
      JSONValue.Member("snapshots", .integer(counters.snapshots)),
      JSONValue.Member("losses", .integer(counters.losses)),
      JSONValue.Member("commit", .integer(position.commit)),
      JSONValue.Member("last_transaction", .integer(position.lastTransaction)),
      JSONValue.Member("elapsed_ms", .integer(elapsedNs / 1_000_000)),
    ])
  }

  var text: String {
    "took over \(counters.commits) commits with \(counters.transactions) transactions in "
      + "\(HumanNumber.duration(ns: elapsedNs)): at transaction \(position.lastTransaction), commit \(position.commit)"
  }
}
