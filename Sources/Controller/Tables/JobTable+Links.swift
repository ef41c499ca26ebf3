/// The lists that run through the rows of the jobs.
extension JobTable {
  /// Has this job, or one above it, ended other than SUCCEEDED? Its end reached all descendants, and there must be no new
  /// ones. A job that succeeded stands between its descendants and such an end.
  ///
  /// - Parameter replaced: a job that is about to be removed.
  func hasEndedBadly(parentOrAncestor job: Int, besides replaced: Int? = nil) -> Bool {
    var slot = UInt32(job)
    while slot != noSlot {
      let row = rows[Int(slot)]
      if row.state.isTerminal && row.state != .succeeded && Int(slot) != replaced { return true }
      slot = row.parent
    }
    return false
  }

  mutating func appendChild(_ child: Int, to parent: Int) {
    precondition(child != parent && rows[parent].isOccupied, "a job's parent is another job")
    precondition(rows[child].parent == noSlot, "a job has one parent")
    setLinks(of: child, parent: UInt32(parent), nextSibling: noSlot)
    rows[child].previousSibling = rows[parent].lastChild
    if rows[parent].lastChild == noSlot {
      rows[parent].firstChild = UInt32(child)
    } else {
      setNextSibling(of: Int(rows[parent].lastChild), to: UInt32(child))
    }
    rows[parent].lastChild = UInt32(child)
  }

  func children(of job: Int) -> [Int] {
    var children: [Int] = []
    var child = rows[job].firstChild
    while child != noSlot {
      children.append(Int(child))
      child = rows[Int(child)].nextSibling
    }
    return children
  }

  /// Takes a job out of the tree and puts its children in its place, so that the end of an ancestor still reaches them.
  mutating func unlinkFromTree(_ job: Int) {
    let row = rows[job]
    var child = row.firstChild
    while child != noSlot {
      let next = rows[Int(child)].nextSibling
      setLinks(of: Int(child), parent: row.parent, nextSibling: row.parent == noSlot ? noSlot : next)
      if row.parent == noSlot { rows[Int(child)].previousSibling = noSlot }
      child = next
    }
    setLinks(of: job, parent: noSlot, nextSibling: noSlot)
    guard row.parent != noSlot else { return }
    let parent = Int(row.parent)
    let first = row.firstChild == noSlot ? row.nextSibling : row.firstChild
    let last = row.lastChild == noSlot ? row.previousSibling : row.lastChild
    if row.previousSibling == noSlot {
      rows[parent].firstChild = first
    } else {
      setNextSibling(of: Int(row.previousSibling), to: first)
    }
    if row.nextSibling == noSlot {
      rows[parent].lastChild = last
    } else {
      rows[Int(row.nextSibling)].previousSibling = last
    }
    if row.firstChild != noSlot {
      rows[Int(row.firstChild)].previousSibling = row.previousSibling
      setNextSibling(of: Int(row.lastChild), to: row.nextSibling)
    }
  }

  private mutating func setNextSibling(of job: Int, to sibling: UInt32) {
    setLinks(of: job, parent: rows[job].parent, nextSibling: sibling)
  }

  /// The two links that say where a job stands in the tree; the others follow from them.
  private mutating func setLinks(of job: Int, parent: UInt32, nextSibling: UInt32) {
    linkSum &-= linkDigest(job)
    rows[job].parent = parent
    rows[job].nextSibling = nextSibling
    linkSum &+= linkDigest(job)
  }

  private func linkDigest(_ job: Int) -> UInt64 {
    guard rows[job].parent != noSlot else { return 0 }
    var digest = StateDigest(.jobLink)
    digest.add(UInt64(job))
    digest.add(rows[job].parent, rows[job].nextSibling)
    return digest.finished
  }

  /// `linkSum`, made of the rows alone.
  var recomputedLinkSum: UInt64 {
    rows.indices.reduce(0) { $0 &+ linkDigest($1) }
  }

  /// Puts a job that has just ended behind all that ended before it. The clock never goes back, so the list is in the
  /// order of the times too.
  mutating func appendEnded(_ job: Int) {
    precondition(rows[job].state.isTerminal, "only jobs that have ended are in the list of these")
    precondition(rows[job].endedBefore == noSlot && lastEnded != UInt32(job), "a job ends once")
    rows[job].endedBefore = lastEnded
    rows[job].endedAfter = noSlot
    if lastEnded != noSlot {
      rows[Int(lastEnded)].endedAfter = UInt32(job)
    }
    if firstEnded == noSlot { firstEnded = UInt32(job) }
    lastEnded = UInt32(job)
  }

  mutating func unlinkEnded(_ job: Int) {
    let row = rows[job]
    if row.endedBefore != noSlot { rows[Int(row.endedBefore)].endedAfter = row.endedAfter }
    if row.endedAfter != noSlot { rows[Int(row.endedAfter)].endedBefore = row.endedBefore }
    if firstEnded == UInt32(job) { firstEnded = row.endedAfter }
    if lastEnded == UInt32(job) { lastEnded = row.endedBefore }
  }
}
