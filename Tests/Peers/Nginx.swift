import Glibc

/// A local nginx with one worker: plain on a port and on a Unix socket, and, where there are certificates, with TLS
/// and HTTP/2 on a second port.
///
/// Answers `/echo` (a word on each of: protocol, number of the connection, verdict on the client's certificate, Host,
/// User-Agent, Expect), `/moved` (302), `/silent` (204), files of `folder`, and `/api` as another server does, piece by
/// piece as it answers.
public final class Nginx: Sendable {
  public let port: Int
  public let tlsPort: Int
  public let unixSocket: String
  public let folder: TemporaryFolder
  private let process: ChildProcess

  /// - Parameter api: the port of the server that answers `/api`.
  public init(_ certificates: Certificates? = nil, api: Int? = nil) throws {
    folder = try TemporaryFolder()
    unixSocket = "\(folder.path)/nginx.socket"
    let files: [Int32]
    // nginx takes over sockets that listen already: no port is raced for, and clients need not wait for it.
    let plain = try listenOnLoopback()
    let tls = try listenOnLoopback()
    let local = try listenOnSocket(unixSocket)
    files = certificates == nil ? [plain.file, local] : [plain.file, local, tls.file]
    (port, tlsPort) = (plain.port, tls.port)
    defer { for file in [plain.file, tls.file, local] { close(file) } }

    var tlsLines = ""
    if let certificates {
      tlsLines = """
        listen 127.0.0.1:\(tlsPort) ssl http2;
        ssl_certificate \(try folder.write("server.pem", certificates.serverCertificate));
        ssl_certificate_key \(try folder.write("server.key", certificates.serverKey));
        ssl_client_certificate \(try folder.write("authority.pem", certificates.authority));
        ssl_verify_client optional;
        """
    }
    let apiLines =
      api.map { port in
        """
        location /api {
          proxy_pass http://127.0.0.1:\(port);
          proxy_http_version 1.1;
          proxy_buffering off;
          proxy_buffer_size 64k;
          proxy_buffers 4 64k;
          proxy_read_timeout 1h;
        }
        """
      } ?? ""
    let settings = """
      daemon off;
      worker_processes 1;
      user root;
      pid \(folder.path)/nginx.pid;
      error_log \(folder.path)/error.log;
      events { worker_connections 2048; }
      http {
        access_log off;
        keepalive_requests 1000000;
        http2_max_concurrent_streams 256;
        default_type text/plain;
        client_body_temp_path \(folder.path)/body;
        proxy_temp_path \(folder.path)/proxy;
        fastcgi_temp_path \(folder.path)/fastcgi;
        uwsgi_temp_path \(folder.path)/uwsgi;
        scgi_temp_path \(folder.path)/scgi;
        server {
          listen 127.0.0.1:\(port);
          listen unix:\(unixSocket);
          \(tlsLines)
          root \(folder.path);
          location = /echo {
            return 200 "$server_protocol $connection ${ssl_client_verify}- $http_host $http_user_agent $http_expect-\n";
          }
          location = /moved { return 302 /echo; }
          location = /silent { return 204; }
          \(apiLines)
        }
      }
      """
    let configuration = try folder.write("nginx.conf", settings.utf8)
    process = try ChildProcess(
      "nginx", ["-e", "\(folder.path)/error.log", "-p", folder.path, "-c", configuration],
      environment: ["NGINX": files.map { "\($0);" }.joined()], ending: SIGTERM, keeping: files,
      output: "\(folder.path)/output.log")
  }

  deinit {
    // The folder is deleted after this: nginx must not write to it any more, and its own folders stand in the way.
    for name in ["body", "proxy", "fastcgi", "uwsgi", "scgi"] { rmdir("\(folder.path)/\(name)") }
  }
}
