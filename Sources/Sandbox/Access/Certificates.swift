internal import Glibc
internal import Spawning

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
    try Self.make(
      subject: "/CN=kubernetes", certificate: authority, key: authorityKey,
      ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign"], in: folder)
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
    let log = "\(folder)/openssl.log"
    var openssl = Program(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
        "-subj", subject, "-out", certificate, "-keyout", key,
      ] + options)
    openssl.output = .appending(log)
    openssl.errors = .appending(log)
    let process: pid_t
    do throws(SpawnFailure) { process = try openssl.start() } catch {
      throw SandboxError("the sandbox's API needs certificates, and \(error): install openssl")
    }
    guard waitForExit(of: process) == 0 else {
      let words = String(decoding: FileText.read(log).suffix(300), as: UTF8.self)
      throw SandboxError("openssl could not make the sandbox's certificates: \(words)")
    }
  }
}
