internal import Glibc
internal import Spawning

/// The `openssl` program, which makes all certificates of a sandbox.
enum OpenSSL {
  /// A key on the curve that Istio and Kubernetes use, without a passphrase.
  static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]

  /// Runs it with a log in the folder, and throws what it said where it fails.
  static func run(_ arguments: [String], in folder: String) throws(SandboxError) {
    let log = "\(folder)/openssl.log"
    var openssl = Program("openssl", arguments)
    openssl.output = .appending(log)
    openssl.errors = .appending(log)
    let process: pid_t
    do throws(SpawnFailure) { process = try openssl.start() } catch {
      throw SandboxError("the sandbox needs certificates, and \(error): install openssl")
    }
    guard waitForExit(of: process) == 0 else {
      let words = String(decoding: FileText.read(log).suffix(300), as: UTF8.self)
      throw SandboxError("openssl could not make the sandbox's certificates: \(words)")
    }
  }

  /// A certificate that signs itself.
  static func makeAuthority(
    subject: String, certificate: String, key: String, in folder: String
  ) throws(SandboxError) {
    try run(
      ["req", "-x509"] + newKey + [
        "-days", "3650", "-subj", subject, "-out", certificate, "-keyout", key, "-addext",
        "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
      ], in: folder)
  }
}
