import KubernetesAPI

/// What an object says of the controllers that keep it, by its labels, annotations, owners and managed fields.
struct OwnerMarks: Equatable {
  struct Mark: Equatable {
    var namespace: String
    var name: String
    /// A sentence without a full stop.
    var evidence: String
  }

  /// Argo CD's Application (annotation `argocd.argoproj.io/tracking-id`, or the label `app.kubernetes.io/instance` of an
  /// object that Argo CD has written).
  var application: Mark?
  /// Flux's Kustomization (labels `kustomize.toolkit.fluxcd.io/…`).
  var kustomization: Mark?
  /// Whether the object is exempt from it (`kustomize.toolkit.fluxcd.io/reconcile: disabled`).
  var isExempt = false
  /// Flux's HelmRelease (labels `helm.toolkit.fluxcd.io/…`).
  var helmRelease: Mark?
  /// Helm's release, where no HelmRelease makes it (annotation `meta.helm.sh/release-name`).
  var release: Mark?
  /// Flagger's Canary, as the object's owner.
  var canary: Mark?
  /// Controllers that wrote the spec, by their field managers.
  var rolloutsWrote: String?

  /// Where Argo CD's Applications stand, unless they say otherwise.
  static let argoNamespace = "argocd"

  init(_ object: KubernetesObject) {
    let (labels, notes, key) = (object.labels, object.annotations, object.key)
    func writer(_ mark: String) -> FieldOwner? {
      object.writers(of: JSONPointer(["spec"])).first { $0.manager.contains(mark) }
    }
    func wrote(_ owner: FieldOwner) -> String {
      "\(plain(owner.manager)) wrote its spec" + (owner.time.map { " at \(plain($0))" } ?? "")
    }

    let tracking = "argocd.argoproj.io/tracking-id"
    if let id = notes[tracking], let name = id.split(separator: ":").first {
      application = Mark(application: name, "its annotation \(tracking) is \(plain(id))")
    } else if let name = labels["app.kubernetes.io/instance"], let owner = writer("argocd") {
      application = Mark(application: name[...], wrote(owner))
    }
    func flux(_ prefix: String) -> Mark? {
      guard let name = labels["\(prefix)/name"] else { return nil }
      let namespace = labels["\(prefix)/namespace"] ?? key.namespace
      return Mark(namespace: namespace, name: name, evidence: "its label \(prefix)/name is \(plain(name))")
    }
    kustomization = flux("kustomize.toolkit.fluxcd.io")
    isExempt = notes["kustomize.toolkit.fluxcd.io/reconcile"] == "disabled"
    helmRelease = flux("helm.toolkit.fluxcd.io")
    let helm = "meta.helm.sh/release-name"
    if helmRelease == nil, let name = notes[helm] {
      release = Mark(
        namespace: notes["meta.helm.sh/release-namespace"] ?? key.namespace, name: name,
        evidence: "its annotation \(helm) is \(plain(name))")
    }
    if let owner = object.ownerReferences.first(where: { $0.kind == "Canary" }) {
      canary = Mark(
        namespace: key.namespace, name: owner.name, evidence: "its owner is Canary \(plain(owner.name))")
    }
    rolloutsWrote = writer("rollouts").map(wrote)
  }
}

extension OwnerMarks.Mark {
  /// An Application outside of Argo CD's own namespace is written `namespace_name`.
  fileprivate init(application text: Substring, _ evidence: String) {
    let parts = text.split(separator: "_", maxSplits: 1)
    self.init(
      namespace: parts.count == 2 ? String(parts[0]) : OwnerMarks.argoNamespace, name: String(parts.last ?? text),
      evidence: evidence)
  }
}
