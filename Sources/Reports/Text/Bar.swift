/// A horizontal bar of `width` terminal columns for a share of 0…1, in eighths of a column. A share
/// above 0 always shows something.
func bar(_ share: Double, width: Int) -> String {
  guard share > 0, width > 0 else { return "" }
  let eighths = max(1, Int((min(share, 1) * Double(width * 8)).rounded()))
  let parts: [Character] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"]
  let full = String(repeating: "█", count: eighths / 8)
  return eighths % 8 == 0 ? full : full + String(parts[eighths % 8 - 1])
}
