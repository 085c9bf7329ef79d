internal import JSON
internal import SandboxClient
internal import Synchronization

/// What a scenario can do to the mesh besides changing objects and applications.
protocol ScenarioControlPlane: Sendable {
  /// From now on the proxies of a Deployment are given routes that they refuse.
  func refuseRoutes(of workload: String) async
  func renewCertificates(of workload: String, left: Duration) async
}

/// Makes a scenario's events happen at their times.
final class ScenarioRunner: Sendable {
  private let scenario: Scenario
  private let cluster: Cluster
  private let behaviours: Behaviours
  private let controlPlane: any ScenarioControlPlane
  /// The share of calls to the retired port that a Deployment's faulty image makes.
  private let retiredPortShares = Mutex<[String: Double]>([:])

  init(
    _ scenario: Scenario, cluster: Cluster, behaviours: Behaviours, controlPlane: any ScenarioControlPlane
  ) {
    self.scenario = scenario
    self.cluster = cluster
    self.behaviours = behaviours
    self.controlPlane = controlPlane
  }

  /// Lets happen what lies before `elapsed`, at once, and the rest at its time. Runs until the last step or until the
  /// task is cancelled.
  func run(from elapsed: Duration) async {
    let begin = ContinuousClock.now - elapsed
    for step in scenario.steps {
      if begin + step.at > .now {
        do { try await Task.sleep(until: begin + step.at) } catch { return }
      }
      do {
        try await happen(step.event)
      } catch {
        report("\(scenario.rawValue): \(error)")  // somebody deleted what the scenario needs
      }
    }
  }

  /// Takes notice of the images: what an image does wrong ends when it is replaced.
  func objectsChanged() {
    for (workload, share) in retiredPortShares.withLock({ $0 }) {
      let isFaulty = cluster.image(of: workload, in: Bookinfo.namespace)?.hasSuffix(":\(Bookinfo.faultyImage)") == true
      behaviours[workload].retiredPortShare = isFaulty ? share : 0
    }
  }

  private func happen(_ event: Scenario.Event) async throws(SandboxError) {
    switch event {
    case .image(let workload, let tag):
      let image = JSONValue.string(Bookinfo.image(of: workload, tag: tag))
      try cluster.edit(.deployments, workload, in: Bookinfo.namespace, by: "kubectl-set") {
        $0.settingFirstImage(image, at: ["spec", "template", "spec"])
      }
      for pod in cluster.objects.objects(.pods, in: Bookinfo.namespace).objects
      where pod.name.hasPrefix("\(workload)-") {
        // A real cluster would put a new pod in its place; here the running one takes the image.
        try cluster.edit(.pods, pod.name, in: Bookinfo.namespace, by: "kube-controller-manager") {
          $0.settingFirstImage(image, at: ["spec"])
        }
      }
    case .split(let shares):
      try cluster.edit(.virtualServices, "reviews", in: Bookinfo.namespace, by: "kubectl-edit") { object in
        guard var rules = object.at("spec", "http")?.array, let last = rules.indices.last else { return object }
        rules[last]["route"] = Bookinfo.destinations(shares)
        return object.setting(.array(rules), at: ["spec", "http"])
      }
    case .callsRetiredPort(let workload, let share):
      retiredPortShares.withLock { $0[workload] = share }
      objectsChanged()
    case .latency(let workload, let median): behaviours[workload].median = median
    case .fails(let pod, let status): behaviours[pod].status = status
    case .unready(let workload): try Readiness(cluster).fail(workload)
    case .certificate(let workload, let left):
      await controlPlane.renewCertificates(of: workload, left: left)
    case .applied(let objects): try cluster.add(objects)
    case .routesRefused(let workload): await controlPlane.refuseRoutes(of: workload)
    }
  }
}

extension JSONValue {
  fileprivate func settingFirstImage(_ image: JSONValue, at path: [String]) -> JSONValue {
    guard let first = path.first else {
      guard var containers = self["containers"]?.array, !containers.isEmpty else { return self }
      containers[0]["image"] = image
      return setting(.array(containers), at: ["containers"])
    }
    return setting((self[first] ?? [:]).settingFirstImage(image, at: Array(path.dropFirst())), at: [first])
  }

  func setting(_ value: JSONValue, at path: [String]) -> JSONValue {
    guard let first = path.first else { return value }
    var copy = self
    copy[first] = (self[first] ?? [:]).setting(value, at: Array(path.dropFirst()))
    return copy
  }
}
