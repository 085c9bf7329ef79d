internal import Glibc

/// The path of a program of this package, which the build puts beside its tests and benches.
public func builtProgram(_ name: String) -> String {
  var path = [CChar](repeating: 0, count: 4_096)
  let count = readlink("/proc/self/exe", &path, path.count - 1)
  let own = String(decoding: path.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
  // The test runner is the bundle itself, or a program of the toolchain that has it as an argument.
  let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? own
  return bundle[..<(bundle.lastIndex(of: "/") ?? bundle.startIndex)] + "/\(name)"
}
