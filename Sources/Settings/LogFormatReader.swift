import ProxyLogs

/// Reads the formats that access logs are written in where they are none of those that are known: Envoy's format
/// strings, or objects of them as Istio's `accessLogFormat` holds them.
///
///     [logs]
///     formats = [
///       '[%START_TIME%] "%REQ(:METHOD)% %REQ(:PATH)%" %RESPONSE_CODE% %DURATION%',
///       '{"status": "%RESPONSE_CODE%", "took": "%DURATION%"}',
///     ]
struct LogFormatReader: SectionReader {
  private(set) var formats: [AccessLogFormat] = []
  private(set) var complaints: [(place: Place?, words: String, guess: String?)] = []

  /// Each line is tried in each of them.
  static let most = 16

  mutating func read(_ entries: [TOML.Entry]) {
    for entry in entries {
      guard entry.key == "formats" else {
        complaints.append((entry.place, "logs has no “\(entry.key)”", guess(entry.key, among: ["formats"])))
        continue
      }
      guard case .array(let values) = entry.value.value else {
        complaints.append((entry.value.place, "“formats” is a list of texts, not \(entry.value.kind)", nil))
        continue
      }
      for value in values { read(value) }
    }
  }

  private mutating func read(_ value: TOML) {
    guard case .string(let text) = value.value else {
      complaints.append((value.place, "a format is a text, not \(value.kind)", nil))
      return
    }
    guard formats.count < Self.most else {
      complaints.append((value.place, "there are more than \(Self.most) formats", nil))
      return
    }
    do throws(AccessLogFormat.Problem) {
      let format = try AccessLogFormat(text)
      formats.append(format)
      // Envoy knows operators that are not known here; one that is nearly the same as a known one is a slip.
      for (name, column) in format.unknownOperators {
        guard let meant = guess(name, among: AccessLogFormat.operators) else { continue }
        complaints.append((value.place, "column \(column) of the format: there is no operator “\(name)”", meant))
      }
    } catch {
      complaints.append((value.place, "column \(error.column) of the format: \(error.what)", nil))
    }
  }
}
