import JSON
import Transport

extension ClusterAccess {
  /// What `kubectl` would use: the named or current context of the kubeconfig files, or, where there are none and this
  /// runs in a pod, the pod's service account.
  public static func find(kubeconfig: String? = nil, context: String? = nil) throws(KubeconfigError) -> ClusterAccess {
    let configuration: Kubeconfig
    do throws(KubeconfigError) {
      configuration = try Kubeconfig(reading: Kubeconfig.paths(explicit: kubeconfig))
    } catch {
      if case .missing = error, kubeconfig == nil, context == nil, let access = try inCluster() { return access }
      throw error
    }
    return try configuration.access(context)
  }

  /// The pod's own access, by the files and variables that Kubernetes gives each pod; `nil` outside of one.
  static func inCluster(
    folder: String = "/var/run/secrets/kubernetes.io/serviceaccount",
    host: String? = environmentVariable("KUBERNETES_SERVICE_HOST"),
    port: String? = environmentVariable("KUBERNETES_SERVICE_PORT")
  ) throws(KubeconfigError) -> ClusterAccess? {
    guard let host, let port = port.flatMap({ Int($0) }) else { return nil }
    let authorities = try file("\(folder)/ca.crt")
    let namespace = try? readFile("\(folder)/namespace", upTo: 4096)
    return ClusterAccess(
      context: "in-cluster",
      endpoint: Endpoint(
        scheme: .https, host: host, port: port, tls: TLSSettings(trust: .authorities(authorities))),
      namespace: namespace.flatMap { headerValue($0) } ?? "default",
      credential: .tokenFile(path: "\(folder)/token"))
  }
}

extension Kubeconfig {
  /// Everything that the named context (or the current one) says, its files read.
  public func access(_ name: String? = nil) throws(KubeconfigError) -> ClusterAccess {
    let context = try context(name)
    guard let cluster = clusters.first(where: { $0.name == context.cluster }) else {
      throw .dangling(context: context.name, what: "cluster", name: context.cluster)
    }
    let user = users.first { $0.name == context.user }
    guard user != nil || context.user.isEmpty else {
      throw .dangling(context: context.name, what: "user", name: context.user)
    }
    var endpoint = try self.endpoint(of: cluster, in: context)
    var credential = Credential.none
    if let user {
      endpoint.tls.clientCertificate = try pem(user, "client-certificate")
      endpoint.tls.clientKey = try pem(user, "client-key")
      guard (endpoint.tls.clientCertificate == nil) == (endpoint.tls.clientKey == nil) else {
        throw .wrong(path: user.file, what: "user \"\(user.name)\" has a client certificate or its key, but not both")
      }
      credential = try self.credential(of: user, cluster: cluster, in: context)
    }
    return ClusterAccess(
      context: context.name, endpoint: endpoint, namespace: context.namespace, credential: credential)
  }

  private func endpoint(of cluster: Entry, in context: Context) throws(KubeconfigError) -> Endpoint {
    if cluster.text("proxy-url") != nil {
      throw .unsupported(
        context: context.name, what: "a proxy (proxy-url of cluster \"\(cluster.name)\")",
        instead: "take it out of the kubeconfig and set HTTPS_PROXY to it")
    }
    guard let server = cluster.text("server") else {
      throw .wrong(path: cluster.file, what: "cluster \"\(cluster.name)\" has no server")
    }
    var tls = TLSSettings()
    if cluster.flag("insecure-skip-tls-verify") {
      tls.trust = .anyone
    } else if let authorities = try pem(cluster, "certificate-authority") {
      tls.trust = .authorities(authorities)
    }
    tls.serverName = cluster.text("tls-server-name")
    // As client-go: a server without a scheme is taken as http.
    guard let endpoint = Endpoint(server, tls: tls) else {
      throw .wrong(
        path: cluster.file,
        what: "the server of cluster \"\(cluster.name)\" is no address: it should be https://host:port")
    }
    return endpoint
  }

  private func credential(
    of user: Entry, cluster: Entry, in context: Context
  ) throws(KubeconfigError) -> Credential {
    if let path = user.path("tokenFile") { return .tokenFile(path: path) }
    if let token = user.text("token") {
      guard let value = headerValue(Array(token.utf8)) else {
        throw .wrong(
          path: user.file, what: "the token of user \"\(user.name)\" holds white space or control characters")
      }
      return .token(value)
    }
    if let name = user.text("username") { return .basic(user: name, password: user.text("password") ?? "") }
    if let plugin = user.value["exec"], plugin.object != nil {
      return .plugin(try self.plugin(Entry(name: user.name, file: user.file, value: plugin), cluster, context))
    }
    if let provider = user.value["auth-provider"], !provider.isNull {
      throw .unsupported(
        context: context.name, what: "the auth-provider \"\(provider["name"]?.string ?? "?")\"",
        instead: "Kubernetes removed these in 1.26; renew the kubeconfig with your provider's tool "
          + "(`aws eks update-kubeconfig`, `gcloud container clusters get-credentials`, `kubelogin convert-kubeconfig`)"
      )
    }
    return .none
  }

  private func plugin(
    _ plugin: Entry, _ cluster: Entry, _ context: Context
  ) throws(KubeconfigError) -> CredentialPlugin {
    let version = plugin.text("apiVersion") ?? ""
    guard ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"].contains(version) else {
      throw .unsupported(
        context: context.name, what: "a credential program of version \"\(version)\"",
        instead: "renew the kubeconfig with your provider's tool; client.authentication.k8s.io/v1 is the version to use"
      )
    }
    guard let command = plugin.text("command") else {
      throw .wrong(path: plugin.file, what: "the credential program of user \"\(plugin.name)\" has no command")
    }
    if plugin.text("interactiveMode") == "Always" {
      throw .unsupported(
        context: context.name, what: "a credential program that asks questions (\(command))",
        instead: "log in with it by hand and set interactiveMode: IfAvailable, or use a token")
    }
    var description: String?
    if plugin.flag("provideClusterInfo") { description = try clusterDescription(cluster).text() }
    return CredentialPlugin(
      apiVersion: version,
      // A bare name is looked up in PATH; anything with a slash is a path.
      command: command.contains("/") ? resolve(command, against: folder(of: plugin.file)) : command,
      arguments: (plugin.value["args"]?.array ?? []).compactMap(\.string),
      environment: (plugin.value["env"]?.array ?? []).compactMap { variable in
        guard let name = variable["name"]?.string, !name.isEmpty else { return nil }
        return .init(name: name, value: variable["value"]?.string ?? "")
      },
      installHint: plugin.text("installHint"), clusterDescription: description)
  }

  /// `spec.cluster` of the `ExecCredential` that a plugin reads.
  private func clusterDescription(_ cluster: Entry) throws(KubeconfigError) -> JSONValue {
    var description: JSONValue = ["server": .string(cluster.text("server") ?? "")]
    if let name = cluster.text("tls-server-name") { description["tls-server-name"] = .string(name) }
    if cluster.flag("insecure-skip-tls-verify") { description["insecure-skip-tls-verify"] = true }
    if let authorities = try pem(cluster, "certificate-authority") {
      description["certificate-authority-data"] = .string(base64(authorities))
    }
    let extensions = cluster.value["extensions"]?.array ?? []
    let own = extensions.first { $0["name"]?.string == "client.authentication.k8s.io/exec" }
    if let configuration = own?["extension"] { description["config"] = configuration }
    return description
  }

  /// PEM out of `<key>-data`, or of the file that `<key>` names.
  private func pem(_ entry: Entry, _ key: String) throws(KubeconfigError) -> [UInt8]? {
    if let text = entry.text("\(key)-data") {
      guard let bytes = bytes(base64: text) else {
        throw .wrong(path: entry.file, what: "\(key)-data of \"\(entry.name)\" is not base64")
      }
      return bytes
    }
    guard let path = entry.path(key) else { return nil }
    return try file(path)
  }
}

private func file(_ path: String) throws(KubeconfigError) -> [UInt8] {
  do throws(FileError) { return try readFile(path, upTo: 4 << 20) } catch {
    throw .unreadable(path: path, reason: error.reason)
  }
}
