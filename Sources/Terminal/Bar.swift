/// A bar that shows a share of a whole.
public enum Bar {
  private static let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

  /// A bar of exactly `columns` columns, filled to `fraction` (0 to 1; what lies outside is taken as the nearest end).
  ///
  /// It is full, or empty, only when the share is.
  public static func text(fraction: Double, columns: Int) -> String {
    precondition(columns > 0, "a bar is at least one column wide, not \(columns)")
    let share = fraction.isNaN ? 0 : min(max(fraction, 0), 1)
    let steps = columns * eighths.count
    var filled = Int((share * Double(steps)).rounded())
    if share > 0 { filled = max(filled, 1) }
    if share < 1 { filled = min(filled, steps - 1) }
    let text = String(repeating: "█", count: filled / eighths.count) + eighths[filled % eighths.count]
    return text + String(repeating: " ", count: columns - text.count)
  }
}
