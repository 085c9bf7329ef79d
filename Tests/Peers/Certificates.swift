/// A private authority, a certificate for `mesh.test` and one for a client, made anew. All PEM.
public struct Certificates: Sendable {
  public let authority: [UInt8]
  public let serverCertificate: [UInt8]
  public let serverKey: [UInt8]
  public let clientCertificate: [UInt8]
  public let clientKey: [UInt8]

  public init() throws {
    let folder = try TemporaryFolder()
    let path = folder.path
    func make(_ name: String, _ arguments: [String]) throws {
      try ChildProcess.run(
        "openssl",
        [
          "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-days", "2",
          "-subj", "/CN=\(name)", "-keyout", "\(path)/\(name).key", "-out", "\(path)/\(name).pem",
        ] + arguments)
    }
    let signed = ["-CA", "\(path)/authority.pem", "-CAkey", "\(path)/authority.key"]
    try make("authority", ["-addext", "keyUsage=keyCertSign"])
    try make("server", signed + ["-addext", "subjectAltName=DNS:mesh.test", "-addext", "basicConstraints=CA:FALSE"])
    try make("client", signed + ["-addext", "basicConstraints=CA:FALSE"])
    authority = try folder.read("authority.pem")
    serverCertificate = try folder.read("server.pem")
    serverKey = try folder.read("server.key")
    clientCertificate = try folder.read("client.pem")
    clientKey = try folder.read("client.key")
  }
}
