import MeshModel

/// Something that a check found at one moment. Whether it becomes a finding, time tells.
struct Symptom: Equatable, Sendable {
  var finding: Finding
  /// For so long it must be there before it is told.
  var patience: Duration = .zero
  /// Nodes that matter for what can have caused it, nearest first.
  var suspects: [MeshNode] = []
  /// What its trouble comes from, where that is known: findings of these are told first.
  var causes: [Finding.ID] = []
  /// How bad, to put it among others when it first comes: greater is worse.
  var weight: Double = 0
}

extension Finding.Kind {
  /// What one acts on comes first.
  var rank: Int {
    switch self {
    case .canary: 0
    case .errors: 1
    case .ejected: 2
    case .unready: 3
    case .slow: 4
    case .rejected: 5
    case .stale: 6
    case .certificate: 7
    }
  }
}
