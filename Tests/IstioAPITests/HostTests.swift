import IstioAPI
import Testing

@Suite struct HostTests {
  @Test(arguments: [
    ("reviews", "reviews.bookinfo.svc.cluster.local"), ("reviews.other", "reviews.other"), ("*", "*"),
    ("*.example.com", "*.example.com"), ("reviews.other.svc.cluster.local", "reviews.other.svc.cluster.local"),
    ("::1", "::1"), ("10.0.0.1", "10.0.0.1"), ("", ""),
  ])
  func onlyNamesWithoutDotsAreExpanded(_ host: String, _ full: String) {
    #expect(resolvedHost(host, in: "bookinfo") == full)
  }
}
