import EventModel
import Presentation
import Terminal

extension FinalState {
  /// Tables of the workers, the jobs and the tasks, and the queue.
  func lines(paint: Paint, maxColumns: Int? = nil) -> [String] {
    var lines: [String] = []
    func add(_ title: String, _ table: TextTable) {
      if !lines.isEmpty { lines.append("") }
      lines.append(paint(title, .bold, .cyan))
      lines += table.isEmpty ? [paint("none", .dim)] : table.lines(maxColumns: maxColumns, paint: paint)
    }
    add("Workers", .workers(workers, heartbeatsAtMs: nowMs))
    lines += missingWorkers.map { "\($0) was lost".withoutControls }
    add("Jobs", .jobs(jobs, nowMs: nowMs))
    add("Tasks", .tasks(tasks))
    add("Queue", queueTable)
    return lines
  }

  private var queueTable: TextTable {
    var table = TextTable("PLACE", "TASK")
    for (place, task) in queue.enumerated() {
      table.add(TextTable.Cell(String(place + 1)), TextTable.Cell(task))
    }
    return table
  }
}
