internal import Glibc

/// Counts what the proxies write into their request logs, each line once: from where the log ended when the sandbox
/// began, across lines that are half written. The logs never begin anew; what is counted is given back to the file
/// system as a hole, so that nothing can be lost between reading and shortening.
actor RequestCounter {
  private struct Reading {
    let pod: MeshPod
    let file: String
    /// Up to here whole lines are counted.
    var offset: Int
    var freed = 0
  }

  private let metrics: MeshMetrics
  private let podsByAddress: [String: String]
  private var readings: [Reading]
  private static let hole = 1 << 20

  /// Before the proxies start: what an earlier sandbox left in the folder is not counted.
  init(pods: [MeshPod], folder: String) {
    metrics = MeshMetrics(pods: pods)
    podsByAddress = Dictionary(pods.map { ($0.address, $0.id) }) { first, _ in first }
    readings = pods.map { pod in
      let file = pod.files(in: folder).requests
      return Reading(pod: pod, file: file, offset: FileText.size(of: file))
    }
  }

  /// The metrics, with what the proxies have written by now.
  func upToDate() -> MeshMetrics {
    read()
    return metrics
  }

  /// Keeps the logs short where nobody asks. Runs until the task is cancelled.
  func run() async {
    while (try? await Task.sleep(for: .seconds(10))) != nil { read() }
  }

  func read() {
    for place in readings.indices { read(&readings[place]) }
  }

  private func read(_ reading: inout Reading) {
    while true {
      let chunk = FileText.read(reading.file, from: reading.offset)
      guard let end = chunk.lastIndex(of: UInt8(ascii: "\n")) else { break }
      for line in chunk[..<end].split(separator: UInt8(ascii: "\n")) {
        guard let (labels, measures) = RequestLog.read(line, of: reading.pod, podsByAddress: podsByAddress) else {
          report(
            "the proxy of \(reading.pod.id) wrote a line that is no request: \(String(decoding: line, as: UTF8.self))")
          continue
        }
        metrics.count(labels, measures)
      }
      reading.offset += end + 1
    }
    guard reading.offset - reading.freed >= Self.hole else { return }
    FileText.free(reading.file, upTo: reading.offset)
    reading.freed = reading.offset
  }
}
