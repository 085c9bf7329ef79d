import MeshModel
import ProxyLogs
import Testing

@testable import Settings

@Suite struct LogFormatTests {
  private func read(_ text: String) throws -> (configuration: Configuration, complaints: [Complaint]) {
    let folder = try ConfigurationFolder(["config.toml": text])
    return Configuration.load(environment: folder.environment())
  }

  @Test func formatsAreReadInTheirOrder() throws {
    let (configuration, complaints) = try read(
      """
      [logs]
      formats = ['%RESPONSE_CODE% %DURATION%', '{"a": "%DURATION%"}']
      """)
    #expect(complaints.isEmpty, "\(complaints)")
    #expect(configuration.logFormats.map(\.text) == ["%RESPONSE_CODE% %DURATION%", #"{"a": "%DURATION%"}"#])
  }

  @Test func whatIsWrongIsSaidWithItsPlaceAndTheRestCounts() throws {
    let (configuration, complaints) = try read(
      """
      window = "30s"
      [logs]
      format = 'x'
      formats = ['%DURATION% %RESPONSE_COD%', 7,
                 '%DURATION%%RESPONSE_CODE%']
      """)
    #expect(configuration.window == .seconds(30))
    #expect(configuration.logFormats.map(\.text) == ["%DURATION% %RESPONSE_COD%"])
    let said = complaints.map { String($0.description.split(separator: "/").last ?? "") }
    #expect(
      said == [
        "config.toml:3:1: logs has no “format”, did you mean “formats”?",
        "config.toml:4:12: column 13 of the format: there is no operator “RESPONSE_COD”, did you mean “RESPONSE_CODE”?",
        "config.toml:4:41: a format is a text, not a number",
        "config.toml:5:12: column 11 of the format: nothing stands between two operators: nothing tells where the first one ends",
      ])
    #expect(try read("[logs]\nformats = 'x'").complaints.map(\.words) == ["“formats” is a list of texts, not a text"])
    #expect(try read("logs = 1").complaints.map(\.words) == ["“logs” is a table, not a number"])
  }

  @Test func columnsAndTheRingAreSet() throws {
    let settings = try read("[logs]\ncolumns = ['time', 'code', 'path']\nring = '256 MB'")
    #expect(settings.complaints.isEmpty)
    #expect(settings.configuration.logs == LogSettings(columns: [.time, .code, .path], ring: 256 << 20))
    #expect(try read("[logs]\ncolumns = 'time,dst'").configuration.logs.columns == [.time, .dst])
    let wrong = try read("[logs]\ncolumns = ['time', 'methd']\nring = '64 kB'")
    #expect(wrong.configuration.logs == LogSettings())
    #expect(
      wrong.complaints.map { String($0.description.split(separator: "/").last ?? "") } == [
        "config.toml:2:20: there is no column “methd”, did you mean “method”?",
        "config.toml:3:8: “ring” is 1 MB to 4 GB, as \"64 MB\"",
      ])
    for ring in ["0 MB", "5 GB", "99999999999999999999 GB", "64"] {
      #expect(try read("[logs]\nring = '\(ring)'").complaints.count == 1)
    }
  }
}
