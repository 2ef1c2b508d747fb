/// Decides when a line of progress is worth writing, and what it says: how far, how fast, how long
/// still. The caller brings the time, in seconds of any steady clock, and writes what comes back to
/// standard error, only where that is a terminal.
///
///     packing  ━━━━━━━━━╸────────── 47 %  512 MB of 1.07 GB  890 MB/s  0.6 s left
public struct Progress: Sendable {
  public enum Unit: Sendable {
    case bytes
    /// `12 of 60 files`
    case items(String)
  }

  /// At most six lines a second are written.
  public static let interval = 1.0 / 6.0
  /// Goes in front of any other line, so that it does not stand behind what is left of this one.
  public static let erase = "\r\u{1B}[K"

  public var label: String
  public let total: Int
  public let unit: Unit
  private let start: Double
  private var last: Double

  /// Nothing is written in the first quarter of a second: what is done by then needs no progress.
  public init(_ label: String, total: Int, unit: Unit, at start: Double) {
    self.label = label
    self.total = total
    self.unit = unit
    self.start = start
    last = start + 0.25 - Self.interval
  }

  /// The text to write, with the codes that put it over the line before; nil when it is too soon.
  public mutating func update(done: Int, at now: Double, width: Int, color: Bool) -> String? {
    guard now - last >= Self.interval - 1e-9 else { return nil }
    last = now
    return Self.erase + line(done: done, at: now, width: width, color: color)
  }

  /// The line itself, in at most `width` − 1 columns: in the last one some terminals wrap.
  func line(done: Int, at now: Double, width: Int, color: Bool) -> String {
    let elapsed = max(now - start, 1e-9)
    let rate = Double(done) / elapsed
    let portion = total > 0 ? min(max(Double(done) / Double(total), 0), 1) : 1
    var parts = [
      // A share of 100 % is for the end alone.
      portion < 1 ? "\(min(Int(portion * 100), 99)) %" : "100 %",
      amount(done),
    ]
    if done > 0 {
      parts.append(speed(rate))
      if portion < 1 { parts.append(remaining(done: done, rate: rate) + " left") }
    }
    let room = width - 1
    let name = visible(label)
    // What does not fit is left out from the end; the bar takes its 20 columns only if all fits.
    var text = elided(name, to: max(room, 0))
    var barWidth = 20
    if displayWidth(text) + 2 + barWidth + parts.reduce(0, { $0 + 2 + displayWidth($1) }) > room {
      barWidth = 0
    }
    if barWidth > 0 { text += "  " + track(portion, width: barWidth, color: color) }
    var used = displayWidth(name) + (barWidth > 0 ? barWidth + 2 : 0)
    for part in parts {
      used += 2 + displayWidth(part)
      guard used <= room else { break }
      text += "  " + part
    }
    return text
  }

  /// In steps that do not flicker: tenths below ten seconds, whole seconds above.
  private func remaining(done: Int, rate: Double) -> String {
    let seconds = Double(total - done) / rate
    if seconds < 9.95 { return fixed(max(seconds, 0.1), places: 1) + " s" }
    return seconds < 59.5 ? fixed(seconds, places: 0) + " s" : duration(max(seconds, 60))
  }

  private func amount(_ done: Int) -> String {
    switch unit {
    case .bytes: "\(byteSize(done)) of \(byteSize(total))"
    case .items(let noun): "\(grouped(done)) of \(counted(total, noun))"
    }
  }

  private func speed(_ rate: Double) -> String {
    switch unit {
    case .bytes: byteSize(Int(min(rate, 1e18))) + "/s"
    case .items: (rate >= 100 ? grouped(Int(min(rate, 1e18))) : significant(rate, digits: 2)) + "/s"
    }
  }

  private func track(_ portion: Double, width: Int, color: Bool) -> String {
    let halves = Int(portion * Double(width * 2))
    let done = String(repeating: "━", count: halves / 2) + (halves % 2 == 1 ? "╸" : "")
    let left = String(repeating: "─", count: width - (halves + 1) / 2)
    return Paint.accent(done, color: color) + Paint.dim(left, color: color)
  }
}
