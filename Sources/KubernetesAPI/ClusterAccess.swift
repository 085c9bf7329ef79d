public import Transport

/// Everything that is needed to talk to one cluster as somebody: a context of a kubeconfig, resolved.
public struct ClusterAccess: Equatable, Sendable {
  /// The context's name, as the person knows it.
  public var context: String
  public var endpoint: Endpoint
  /// Where to look when no namespace is named.
  public var namespace: String
  public var credential: Credential

  public init(context: String, endpoint: Endpoint, namespace: String = "default", credential: Credential = .none) {
    self.context = context
    self.endpoint = endpoint
    self.namespace = namespace
    self.credential = credential
  }
}

/// How to prove who asks, beyond the client certificate that stands in the endpoint's TLS settings. Never printed.
public enum Credential: Equatable, Sendable {
  case none
  case token(String)
  /// A file that somebody renews, as a service account's; read again every minute.
  case tokenFile(path: String)
  case basic(user: String, password: String)
  case plugin(CredentialPlugin)
}

extension Credential: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String {
    switch self {
    case .none: "no credential"
    case .token: "a token"
    case .tokenFile(let path): "the token in \(path)"
    case .basic(let user, _): "the password of \(user)"
    case .plugin(let plugin): "a credential of \(plugin.command)"
    }
  }

  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A program that prints credentials (`users[].user.exec` of a kubeconfig), as EKS, GKE and AKS need.
public struct CredentialPlugin: Equatable, Sendable {
  /// `client.authentication.k8s.io/v1` or `…/v1beta1`.
  public var apiVersion: String
  /// A name to look up in `PATH`, or an absolute path.
  public var command: String
  public var arguments: [String]
  /// Added to this process's environment.
  public var environment: [EnvironmentVariable]
  /// What to tell a person who lacks the program.
  public var installHint: String?
  /// `spec.cluster` of the `ExecCredential` that the program reads, as JSON; `nil` where it does not ask for it.
  public var clusterDescription: String?

  public struct EnvironmentVariable: Equatable, Sendable {
    public var name: String
    public var value: String
  }
}

/// Why there is no credential. Descriptions say what to do.
public enum CredentialError: Error, Equatable, Sendable, CustomStringConvertible {
  case unreadableFile(path: String, reason: String)
  case emptyFile(path: String)
  case pluginMissing(command: String, hint: String?)
  case pluginFailed(command: String, reason: String)

  public var description: String {
    switch self {
    case .unreadableFile(let path, let reason): "cannot read the credentials in \(plain(path)): \(reason)"
    case .emptyFile(let path): "\(plain(path)) holds no token"
    case .pluginMissing(let command, let hint):
      "the credential program \(plain(command)) is not installed or not in PATH" + (hint.map { ": \(plain($0))" } ?? "")
    case .pluginFailed(let command, let reason):
      "the credential program \(plain(command)) failed: \(plain(reason)); run it by hand to see why"
    }
  }
}
