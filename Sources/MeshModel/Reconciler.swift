/// A controller that will put back what others write.
public struct Reconciler: Hashable, Sendable {
  public enum Controller: String, Hashable, Sendable, CaseIterable {
    case argoCD = "Argo CD"
    case flux = "Flux"
    case helm = "Helm"
    case argoRollouts = "Argo Rollouts"
    case flagger = "Flagger"
  }

  /// In about how long it puts its own back.
  public enum Return: Hashable, Sendable {
    case atOnce
    /// Within this time.
    case within(Duration)
    /// In a time that is not known: its object could not be read.
    case nextReconciliation
    /// Not by itself: at the next upgrade.
    case nextUpgrade
    /// Not by itself: when its source changes, or somebody syncs.
    case nextSync
    /// It is suspended or paused: not before it goes on.
    case whenResumed
  }

  public let controller: Controller
  /// The object that tells it what to do: `Kustomization flux-system/apps`; `nil` where that is not known.
  public let object: ObservedChange.ObjectID?
  /// How one can tell, as a sentence without a full stop.
  public let evidence: String
  public let putsBack: Return
  /// What it understands in place of a change under its hands.
  public let offers: [ControllerAction]

  public init(
    _ controller: Controller, object: ObservedChange.ObjectID? = nil, evidence: String, putsBack: Return,
    offers: [ControllerAction] = []
  ) {
    self.controller = controller
    self.object = object
    self.evidence = evidence
    self.putsBack = putsBack
    self.offers = offers
  }
}

/// Something that a controller understands, and that is one patch of its own object.
public struct ControllerAction: Hashable, Sendable {
  public enum Verb: String, Hashable, Sendable, CaseIterable {
    /// Of a Rollout: it stays where it is.
    case pause
    /// Of a Rollout: it goes on with its next step.
    case promote
    /// Of a Rollout: it goes back to the stable version.
    case abort
    /// Of a Kustomization or a HelmRelease: it puts nothing back.
    case suspend
    /// What `suspend` or `pause` began is over.
    case resume
  }

  public let verb: Verb
  public let object: ObservedChange.ObjectID

  public init(_ verb: Verb, _ object: ObservedChange.ObjectID) {
    self.verb = verb
    self.object = object
  }
}

extension ControllerAction {
  /// What takes it back; `nil` where nothing does.
  public var reversed: ControllerAction? {
    switch verb {
    case .pause, .suspend: ControllerAction(.resume, object)
    case .resume: ControllerAction(object.kind == "Rollout" ? .pause : .suspend, object)
    case .promote, .abort: nil
    }
  }
}

extension ControllerAction: CustomStringConvertible {
  /// `pause Rollout bookinfo/reviews`.
  public var description: String { "\(verb.rawValue) \(object.kind) \(object.namespace)/\(object.name)" }
}

extension Reconciler: CustomStringConvertible {
  /// `Argo Rollouts (Rollout bookinfo/reviews) puts its own weights back within 10 s: …`.
  public var description: String {
    let name = object.map { "\(controller.rawValue) (\($0.kind) \($0.namespace)/\($0.name))" } ?? controller.rawValue
    return "\(name) puts its own back \(putsBack): \(evidence)"
  }
}

extension Reconciler.Return: CustomStringConvertible {
  public var description: String {
    switch self {
    case .atOnce: "at once"
    case .within(let span) where span < .seconds(60): "within about \(Figures.lasting(span))"
    case .within(let span): "within about \(Figures.span(span))"
    case .nextReconciliation: "when it reconciles next"
    case .nextUpgrade: "at the next upgrade"
    case .nextSync: "when its source changes or somebody syncs"
    case .whenResumed: "as soon as it is resumed"
    }
  }
}
