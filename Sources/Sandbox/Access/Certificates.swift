/// The certificates of one sandbox, made anew for each by the `openssl` program: an authority, the API server's, and
/// the admin's.
struct Certificates: Sendable {
  let authority: String
  let serverCertificate: String
  let serverKey: String
  let adminCertificate: String
  let adminKey: String

  /// Makes them in a folder; the paths are files in it.
  init(in folder: String, serverAddress: String) throws(SandboxError) {
    authority = "\(folder)/ca.crt"
    (serverCertificate, serverKey) = ("\(folder)/server.crt", "\(folder)/server.key")
    (adminCertificate, adminKey) = ("\(folder)/admin.crt", "\(folder)/admin.key")
    let authorityKey = "\(folder)/ca.key"
    try OpenSSL.makeAuthority(subject: "/CN=kubernetes", certificate: authority, key: authorityKey, in: folder)
    let signed = ["-CA", authority, "-CAkey", authorityKey]
    try Self.make(
      subject: "/CN=kube-apiserver", certificate: serverCertificate, key: serverKey,
      signed + [
        "-addext", "subjectAltName=IP:\(serverAddress),DNS:kubernetes,DNS:localhost", "-addext",
        "extendedKeyUsage=serverAuth", "-addext", "basicConstraints=critical,CA:FALSE",
      ], in: folder)
    try Self.make(
      subject: "/O=system:masters/CN=kubernetes-admin", certificate: adminCertificate, key: adminKey,
      signed + ["-addext", "extendedKeyUsage=clientAuth", "-addext", "basicConstraints=critical,CA:FALSE"], in: folder)
  }

  private static func make(
    subject: String, certificate: String, key: String, _ options: [String], in folder: String
  ) throws(SandboxError) {
    try OpenSSL.run(
      ["req", "-x509"] + OpenSSL.newKey + ["-days", "30", "-subj", subject, "-out", certificate, "-keyout", key]
        + options, in: folder)
  }
}
