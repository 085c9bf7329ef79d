import Glibc
import Synchronization

/// A real Prometheus on loopback that scrapes targets once a second, and ends with all that it has stored when let go.
public final class Prometheus: Sendable {
  private let folder: TemporaryFolder
  private let process: Mutex<ChildProcess?>

  /// - Parameter targets: ports on loopback whose `/metrics` are scraped.
  public init(scraping targets: [Int]) throws {
    folder = try TemporaryFolder()
    let addresses = targets.map { "\"127.0.0.1:\($0)\"" }.joined(separator: ",")
    let settings = """
      global: {scrape_interval: 1s, scrape_timeout: 1s}
      scrape_configs: [{job_name: mesh, static_configs: [{targets: [\(addresses)]}]}]
      """
    let configuration = try folder.write("prometheus.yml", settings.utf8)
    process = Mutex(
      try ChildProcess(
        "prometheus",
        [
          "--config.file=\(configuration)", "--web.listen-address=127.0.0.1:0",
          "--storage.tsdb.path=\(folder.path)/data", "--log.format=logfmt",
        ], output: "\(folder.path)/output.log"))
  }

  deinit {
    process.withLock { $0 = nil }
    // What is left when this fails lies in the folder for temporary files, and harms nobody.
    try? ChildProcess.run("rm", ["-r", "\(folder.path)/data"])
  }

  /// The port that it chose, once it listens.
  public func port() async throws -> Int {
    let limit = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < limit {
      let lines = String(decoding: try folder.read("output.log"), as: UTF8.self).split(separator: "\n")
      let mark = "address=127.0.0.1:"
      for line in lines where line.contains("\"Listening on\"") {
        if let start = line.firstRange(of: mark)?.upperBound, let port = Int(line[start...].prefix { $0.isNumber }) {
          return port
        }
      }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw PeerFailure("prometheus does not listen: " + String(decoding: try folder.read("output.log"), as: UTF8.self))
  }
}

/// Something to scrape: counters in the text format that a test computes for each scrape, counted from 1.
public final class ScrapeTarget: Sendable {
  private let server: RawServer
  public var port: Int { server.port }

  public init(_ metrics: @escaping @Sendable (_ scrape: Int) -> String) throws {
    let scrapes = Mutex(0)
    server = try RawServer { connection in
      while !connection.readHead().isEmpty {
        let scrape = scrapes.withLock { count in
          count += 1
          return count
        }
        let text = metrics(scrape)
        let head =
          "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: \(text.utf8.count)\r\n\r\n"
        guard connection.write(head + text) else { return }
      }
    }
  }

  deinit { server.stop() }
}
