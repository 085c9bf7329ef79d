internal import JSON
internal import MeshModel

extension ChangeDraft {
  /// What would be written, where nothing was. The shape that docs/commands.md describes.
  func json(_ preview: ChangePreview) -> JSONValue {
    [
      "change": .null,
      "diff": .array(
        preview.lines.map { ["path": .string($0.path), "before": .string($0.before), "after": .string($0.after)] }),
      "destinations": .array(
        after.shares.map { share in
          [
            "destination": .string(share.destination.shortName), "weight": .int(share.weight.value),
            "shareBefore": before.fraction(of: share.destination).map { .double($0) } ?? .null,
            "share": after.fraction(of: share.destination).map { .double($0) } ?? .null,
          ]
        }),
      "checks": .array(
        preview.checks.map {
          [
            "check": .string($0.subject.rawValue), "verdict": .string($0.verdict.rawValue),
            "evidence": .string($0.evidence),
          ]
        }),
      "warnings": .array(preview.warnings.map { .string($0) }),
      "radius": preview.radius?.json ?? .null,
      "reconcilers": .array(preview.reconcilers.map(\.json)),
    ]
  }
}

extension ChangeCheck.Verdict {
  /// As a line begins.
  var word: String {
    switch self {
    case .ok: "ok"
    case .warning: "warning"
    case .refusal: "refused"
    case .unknown: "unknown"
    }
  }
}

extension BlastRadius {
  fileprivate var json: JSONValue {
    [
      "callers": callers.map { .array($0.map { .string($0.description) }) } ?? .null,
      "requestsPerSecond": requestsPerSecond.map { .double($0) } ?? .null, "share": share.map { .double($0) } ?? .null,
    ]
  }
}

extension Reconciler {
  fileprivate var json: JSONValue {
    let object: JSONValue? = object.map {
      ["kind": .string($0.kind), "namespace": .string($0.namespace), "name": .string($0.name)]
    }
    return [
      "controller": .string(controller.rawValue), "object": object ?? .null, "putsBack": .string("\(putsBack)"),
      "evidence": .string(evidence), "offers": .array(offers.map { .string($0.verb.rawValue) }),
    ]
  }
}
