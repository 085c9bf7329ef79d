internal import JSON

/// A process that the sandbox needs beside itself.
struct PlannedProcess: Equatable, Sendable {
  let name: String
  let arguments: [String]
  /// Where both its outputs are appended.
  let outputFile: String
}

/// All that the supervisor has to know: what to start, and what to remove at the end. It travels as one line of JSON.
struct ProcessPlan: Equatable, Sendable {
  let processes: [PlannedProcess]
  let folder: String

  init(processes: [PlannedProcess], folder: String) {
    self.processes = processes
    self.folder = folder
  }

  init?(_ json: JSONValue) {
    guard let folder = json["folder"]?.string, let list = json["processes"]?.array else { return nil }
    var processes: [PlannedProcess] = []
    for item in list {
      guard let name = item["name"]?.string, let output = item["output"]?.string,
        let arguments = item["arguments"]?.array?.compactMap(\.string), !arguments.isEmpty
      else { return nil }
      processes.append(PlannedProcess(name: name, arguments: arguments, outputFile: output))
    }
    self.init(processes: processes, folder: folder)
  }

  var json: JSONValue {
    [
      "folder": .string(folder),
      "processes": .array(
        processes.map {
          [
            "name": .string($0.name), "output": .string($0.outputFile),
            "arguments": .array($0.arguments.map { .string($0) }),
          ]
        }),
    ]
  }
}
