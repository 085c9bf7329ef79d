internal import ArgumentParser
internal import MeshModel

/// What to connect to: the same for the console and for every command.
struct ConnectionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The kubeconfig's context.", valueName: "name"))
  var context: String?

  @Option(help: ArgumentHelp("The kubeconfig file, in place of $KUBECONFIG and ~/.kube/config.", valueName: "file"))
  var kubeconfig: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("The namespace, in place of the context's.", valueName: "name"))
  var namespace: String?

  @Flag(name: [.customShort("A"), .long], help: "All namespaces.")
  var allNamespaces = false

  @Flag(help: "Refuse to write anything, whatever is pressed.")
  var readOnly = false

  @Option(
    help: ArgumentHelp(
      "An istiod's debug address (http://host:15014), reached directly. May be given several times.",
      valueName: "URL"))
  var istiod: [String] = []

  @Option(
    help: ArgumentHelp(
      "A proxy's admin address, reached directly: http://host:15000 or unix:/path, with the proxy's name before it "
        + "where it cannot tell it itself. May be given several times.",
      valueName: "[POD.NAMESPACE=]URL"))
  var proxy: [String] = []

  @Option(
    help: ArgumentHelp(
      "A Prometheus-compatible store, reached directly, in place of what the cluster has: http://host:9090, with "
        + "user:password@ before the host where it wants a login (better in config.toml), or none.", valueName: "URL"))
  var prometheus: String?

  func validate() throws {
    if namespace != nil && allNamespaces { throw ValidationError("Give --namespace or --all-namespaces, not both.") }
  }
}

/// How a command prints its result.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case table, json
}
