/// What is wrong with the configuration. Descriptions are sentences that say what to do, and hold no secret.
public enum KubeconfigError: Error, Equatable, Sendable {
  /// None of the files exists, and this is no pod.
  case missing(paths: [String])
  case unreadable(path: String, reason: String)
  case malformed(path: String, line: Int, column: Int, reason: String)
  /// A value is not what it should be.
  case wrong(path: String, what: String)
  case noCurrentContext(paths: [String], known: [String])
  case unknownContext(String, known: [String])
  /// A context names a cluster or a user that is not there.
  case dangling(context: String, what: String, name: String)
  case unsupported(context: String, what: String, instead: String)
}

extension KubeconfigError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missing(let paths):
      "no kubeconfig: \(plain(paths.joined(separator: " and "))) \(paths.count == 1 ? "does" : "do") not exist; "
        + "name one with --kubeconfig or KUBECONFIG"
    case .unreadable(let path, let reason): "cannot read \(plain(path)): \(plain(reason))"
    case .malformed(let path, let line, let column, let reason): "\(plain(path)):\(line):\(column): \(plain(reason))"
    case .wrong(let path, let what): "\(plain(path)): \(plain(what))"
    case .noCurrentContext(let paths, let known):
      "the kubeconfig \(plain(paths.joined(separator: " and "))) has no current context: "
        + (known.isEmpty ? "it has no contexts at all" : pick(known))
    case .unknownContext(let name, let known):
      "there is no context \"\(plain(name))\""
        + (nearest(to: name, among: known).map { ", did you mean \"\(plain($0))\"?" } ?? "")
        + (known.isEmpty ? "; the kubeconfig has no contexts at all" : "; known are \(listed(known))")
    case .dangling(let context, let what, let name):
      "context \"\(plain(context))\" names the \(what) \"\(plain(name))\", which the kubeconfig does not have"
    case .unsupported(let context, let what, let instead):
      "context \"\(plain(context))\" needs \(plain(what)), which is not supported: \(instead)"
    }
  }

  private func pick(_ known: [String]) -> String { "pick one with --context: \(listed(known))" }

  private func listed(_ names: [String]) -> String {
    let shown = names.sorted().prefix(12).map { plain($0) }.joined(separator: ", ")
    return names.count > 12 ? "\(shown) and \(names.count - 12) more" : shown
  }
}

/// The name that was most likely meant: at most half of its characters differ.
func nearest(to name: String, among known: [String]) -> String? {
  let scored = known.map { (distance: editDistance(Array(name.lowercased()), Array($0.lowercased())), name: $0) }
  guard let best = scored.min(by: { ($0.distance, $0.name) < ($1.distance, $1.name) }),
    best.distance * 2 <= max(name.count, best.name.count)
  else { return known.filter { !name.isEmpty && $0.contains(name) }.min() }
  return best.name
}

/// Levenshtein's distance.
private func editDistance(_ one: [Character], _ other: [Character]) -> Int {
  var row = Array(0...other.count)
  for (place, character) in one.enumerated() {
    var diagonal = row[0]
    row[0] = place + 1
    for (column, candidate) in other.enumerated() {
      let above = row[column + 1]
      row[column + 1] = min(above + 1, row[column] + 1, diagonal + (character == candidate ? 0 : 1))
      diagonal = above
    }
  }
  return row[other.count]
}
