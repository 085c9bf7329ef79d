/// The kubeconfig of a sandbox: one cluster, and a context for each kind of person.
struct SandboxKubeconfig: Sendable {
  let server: String
  /// `nil` where there is no TLS, and everyone is the admin.
  let certificates: Certificates?
  /// The short names of those who show a token: `editor`.
  let tokens: [(user: String, token: String)]

  var yaml: String {
    func file(_ path: String) -> String { base64(FileText.read(path)) }
    var text = "apiVersion: v1\nkind: Config\ncurrent-context: sandbox\n"
    text += "clusters:\n- name: sandbox\n  cluster:\n    server: \(server)\n"
    if let certificates { text += "    certificate-authority-data: \(file(certificates.authority))\n" }
    text += "users:\n- name: sandbox-admin\n  user:"
    if let certificates {
      text += "\n    client-certificate-data: \(file(certificates.adminCertificate))\n"
      text += "    client-key-data: \(file(certificates.adminKey))\n"
    } else {
      text += " {}\n"
    }
    for (user, token) in tokens { text += "- name: sandbox-\(user)\n  user:\n    token: \(token)\n" }
    text += "contexts:\n"
    for (context, user) in [("sandbox", "admin")] + tokens.map({ ("sandbox-\($0.user)", $0.user) }) {
      text += "- name: \(context)\n  context:\n    cluster: sandbox\n    user: sandbox-\(user)\n"
      text += "    namespace: \(Bookinfo.namespace)\n"
    }
    return text
  }
}

/// RFC 4648, 4.
func base64(_ bytes: [UInt8]) -> String {
  let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var text: [UInt8] = []
  for place in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[place..<min(place + 3, bytes.count)]
    var value: UInt32 = 0
    for byte in group { value = value << 8 | UInt32(byte) }
    value <<= UInt32(8 * (3 - group.count))
    for digit in 0..<4 {
      text.append(digit <= group.count ? digits[Int(value >> UInt32(6 * (3 - digit)) & 63)] : UInt8(ascii: "="))
    }
  }
  return String(decoding: text, as: UTF8.self)
}
