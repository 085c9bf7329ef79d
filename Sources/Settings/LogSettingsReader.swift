import MeshModel
import ProxyLogs

/// Reads how logs are kept and shown, and the formats that access logs are written in where they are none of those that
/// are known: Envoy's format strings, or objects of them as Istio's `accessLogFormat` holds them.
///
///     [logs]
///     formats = [
///       '[%START_TIME%] "%REQ(:METHOD)% %REQ(:PATH)%" %RESPONSE_CODE% %DURATION%',
///       '{"status": "%RESPONSE_CODE%", "took": "%DURATION%"}',
///     ]
///     columns = ["time", "pod", "code", "path"]
///     ring = "256 MB"
struct LogSettingsReader: SectionReader {
  private(set) var settings = LogSettings()
  private(set) var formats: [AccessLogFormat] = []
  private(set) var complaints: [(place: Place?, words: String, guess: String?)] = []

  /// Each line is tried in each of them.
  static let most = 16

  mutating func read(_ entries: [TOML.Entry]) {
    for entry in entries {
      switch entry.key {
      case "formats":
        guard case .array(let values) = entry.value.value else {
          complaints.append((entry.value.place, "“formats” is a list of texts, not \(entry.value.kind)", nil))
          continue
        }
        for value in values { read(format: value) }
      case "columns": read(columns: entry.value)
      case "ring": read(ring: entry.value)
      default:
        complaints.append((entry.place, "logs has no “\(entry.key)”", guess(entry.key, among: Self.keys)))
      }
    }
  }

  private static let keys = ["formats", "columns", "ring"]

  private mutating func read(columns value: TOML) {
    let texts: [TOML]
    switch value.value {
    case .array(let values): texts = values
    default: texts = [value]
    }
    var columns: [LogColumn] = []
    for value in texts {
      guard case .string(let text) = value.value else {
        complaints.append((value.place, "“columns” are names, as \"time\", not \(value.kind)", nil))
        return
      }
      do throws(LogColumn.UnknownName) { columns += try LogColumn.list(text) } catch {
        let names = LogColumn.allCases.map(\.rawValue)
        complaints.append((value.place, "there is no column “\(error.name)”", guess(error.name, among: names)))
        return
      }
    }
    guard !columns.isEmpty else {
      complaints.append((value.place, "“columns” names none", nil))
      return
    }
    settings.columns = columns
  }

  /// `64 MB`, in units of 1,024 times 1,024 bytes.
  private mutating func read(ring value: TOML) {
    guard case .string(let text) = value.value else {
      complaints.append((value.place, "“ring” is a size, as \"64 MB\", not \(value.kind)", nil))
      return
    }
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let unit = text.dropFirst(digits.count).drop { $0 == " " }
    let shift = ["MB": 20, "GB": 30][String(unit)]
    guard let shift, let number = Int(digits), number <= 4_096, LogSettings.rings.contains(number << shift) else {
      complaints.append((value.place, "“ring” is 1 MB to 4 GB, as \"64 MB\"", nil))
      return
    }
    settings.ring = number << shift
  }

  private mutating func read(format value: TOML) {
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
