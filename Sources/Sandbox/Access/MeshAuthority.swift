/// The authority of the mesh, as istiod has one: it gives each workload a certificate for its SPIFFE id.
struct MeshAuthority: Sendable {
  /// How long istiod's certificates hold.
  static let lifetime: Duration = .seconds(24 * 3600)

  private let folder: String
  private var certificate: String { "\(folder)/root-cert.pem" }
  private var key: String { "\(folder)/ca-key.pem" }
  private var configuration: String { "\(folder)/ca.cnf" }

  init(in parent: String) throws(SandboxError) {
    folder = "\(parent)/mesh-authority"
    try FileText.makeFolder(folder)
    // `openssl ca` is the only way to a certificate that ends at a given minute, and it keeps books.
    try FileText.replace("\(folder)/index.txt", with: "")
    try FileText.replace(
      configuration,
      with: """
        [ca]
        default_ca = mesh
        [mesh]
        database = \(folder)/index.txt
        new_certs_dir = \(folder)
        certificate = \(certificate)
        private_key = \(key)
        rand_serial = yes
        unique_subject = no
        default_md = sha256
        policy = any
        copy_extensions = copy
        [any]
        organizationName = optional

        """)
    try OpenSSL.makeAuthority(subject: "/O=cluster.local", certificate: certificate, key: key, in: folder)
  }

  /// A new key and a new certificate for a pod's proxy, in files of their own: what reads the old ones goes on with them.
  ///
  /// - Parameter left: how much of its life is left; the certificate then is as old as that says.
  func issue(to pod: MeshPod, left: Duration = Self.lifetime) throws(SandboxError) -> WorkloadIdentity {
    let base = "\(folder)/\(pod.id)-\(UUIDText.random().prefix(8))"
    let identity = WorkloadIdentity(certificate: "\(base).pem", key: "\(base)-key.pem", authority: certificate)
    let request = "\(base).csr"
    try OpenSSL.run(
      ["req", "-new"] + OpenSSL.newKey + [
        "-subj", "/O=cluster.local", "-keyout", identity.key, "-out", request, "-addext",
        "subjectAltName=critical,URI:\(pod.principal)", "-addext", "keyUsage=critical,digitalSignature,keyEncipherment",
        "-addext", "extendedKeyUsage=serverAuth,clientAuth", "-addext", "basicConstraints=critical,CA:FALSE",
      ], in: folder)
    let now = WallTime.now
    let end = WallTime(seconds: now.seconds + Int(left / .seconds(1)))
    // As istiod dates its own back, for clocks that are late.
    let start = WallTime(seconds: end.seconds - Int(Self.lifetime / .seconds(1)) - 120)
    try OpenSSL.run(
      [
        "ca", "-batch", "-notext", "-config", configuration, "-in", request, "-out", identity.certificate,
        "-startdate", Self.date(start), "-enddate", Self.date(end),
      ], in: folder)
    return identity
  }

  /// `20261123010858Z`
  private static func date(_ time: WallTime) -> String { time.text.filter { $0.isNumber || $0 == "Z" } }
}

/// The files by which a proxy shows who it is, and knows whom to believe.
struct WorkloadIdentity: Equatable, Sendable {
  let certificate: String
  let key: String
  let authority: String
}

extension MeshPod {
  /// Its SPIFFE id.
  var principal: String { SPIFFE.id(namespace: namespace, serviceAccount: serviceAccount) }
}

enum SPIFFE {
  static func id(namespace: String, serviceAccount: String) -> String {
    "spiffe://cluster.local/ns/\(namespace)/sa/\(serviceAccount)"
  }
}
