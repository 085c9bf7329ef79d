extension TimelineEntry: ExpressionSubject {
  public static let fields = Field.allCases.map(\.field)

  private enum Field: String, CaseIterable {
    case kind, ns, name, by, user, field, what, action, touches, err, was, p99, findings, ours, undone, ramp, routine

    var field: ExpressionField {
      switch self {
      case .kind: ExpressionField(rawValue, .text, "the object's kind")
      case .ns: ExpressionField(rawValue, .text, "the object's namespace")
      case .name: ExpressionField(rawValue, .text, "the object's name")
      case .by: ExpressionField(rawValue, .text, "the field manager")
      case .user: ExpressionField(rawValue, .text, "who made one of ours")
      case .field: ExpressionField(rawValue, .text, "names of the fields that it changed")
      case .what: ExpressionField(rawValue, .text, "what it did, as it is listed")
      case .action: ExpressionField(rawValue, .text, "created, changed, deleted")
      case .touches: ExpressionField(rawValue, .text, "services that it can have touched")
      case .err: ExpressionField(rawValue, .share, "requests that failed after it")
      case .was: ExpressionField(rawValue, .share, "requests that failed before it")
      case .p99: ExpressionField(rawValue, .time, "percentile of the answer's time after it")
      case .findings: ExpressionField(rawValue, .number, "findings that began after it")
      case .ours: ExpressionField(rawValue, .flag, "it is in the journal of this machine")
      case .undone: ExpressionField(rawValue, .flag, "a later change of the journal undid it")
      case .ramp: ExpressionField(rawValue, .flag, "it is a ramp's beginning, resumption or end")
      case .routine: ExpressionField(rawValue, .flag, "a controller does such all day")
      }
    }
  }

  public func value(of field: ExpressionField) -> ExpressionValue? {
    guard let field = Field(rawValue: field.name) else { return nil }
    switch field {
    case .kind: return .texts([object.kind])
    case .ns: return .texts([object.namespace])
    case .name: return .texts([object.name])
    case .by: return by.map { .texts([$0]) }
    case .user: return user.map { .texts([$0]) }
    // Of a change from before anybody watched nobody knows them.
    case .field: return fields.isEmpty && action == .changed ? nil : .texts(fields.map(\.name))
    case .what: return .texts([what])
    case .action: return action.map { .texts([$0.rawValue]) }
    case .touches: return observed.map { .texts($0.services.map(\.name)) }
    case .err: return effect?.after?.errorRate.map { .number($0) }
    case .was: return effect?.before?.errorRate.map { .number($0) }
    case .p99: return effect?.after?.p99.map { .number($0.seconds) }
    case .findings: return effect.map { .number(Double($0.troubles.count)) }
    case .ours: return .flag(isOurs)
    case .undone: return .flag(undoneBy != nil)
    case .ramp: return .flag(ramp != nil)
    case .routine: return .flag(observed?.isRoutine ?? false)
    }
  }

  public var words: [String] { ["\(object.kind) \(object.namespace)/\(object.name)", what, by ?? ""] }
}
