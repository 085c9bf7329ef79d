import JSON
import Transport

let meshContracts = [
  Contract(name: "istiod/debug_syncz", server: .istiod, target: "/debug/syncz") { answer in
    Check.of(answer, status: 200) { check in
      let proxies = answer.json.array ?? []
      check.holds(!proxies.isEmpty, "proxies")
      for proxy in proxies {
        check.holds(proxy["proxy"]?.string?.contains(".") == true, "pod.namespace")
        for type in ["cluster", "listener", "route"] {
          // `2026-11-23T01:13:42Z/3<uuid>`: push time, push counter and UUID run together.
          let sent = proxy["\(type)_sent"]?.string?.split(separator: "/")
          check.holds(sent?.count == 2 && sent?[0].hasSuffix("Z") == true, "a nonce of the \(type)s")
          check.holds(proxy["\(type)_acked"]?.string != nil, "an answer to it")
        }
      }
    }
  },
  Contract(name: "istiod/debug_syncz", server: .istiod, target: "/debug/syncz") { answer in
    Check.of(answer, status: 200) { check in
      let proxies = answer.json.array ?? []
      check.holds(proxies.contains { $0["endpoint_sent"]?.string != nil }, "endpoints")
    }
  },
  Contract(name: "istiod/version", server: .istiod, target: "/version") { answer in
    Check.of(answer, status: 200) { $0.holds(answer.text.split(separator: ".").count >= 3, "a version as text") }
  },
  Contract(name: "istiod/debug_registryz", server: .istiod, target: "/debug/registryz") { answer in
    Check.of(answer, status: 200) { check in
      let reviews = answer.json.array?.first { $0["hostname"]?.string?.hasPrefix("reviews.") == true }
      check.holds(reviews?["Attributes"]?["Name"]?.string == "reviews", "reviews with its attributes")
      check.holds(reviews?["Resolution"]?.int != nil, "the resolution as a number")
    }
  },
  Contract(name: "envoy/productpage/ready", server: .proxy, target: "/ready") { answer in
    Check.of(answer, status: 200) { $0.holds(answer.text == "LIVE\n", "LIVE") }
  },
  Contract(name: "envoy/productpage/server_info", server: .proxy, target: "/server_info") { answer in
    Check.of(answer, status: 200) { check in
      check.holds(answer.json["state"]?.string == "LIVE", "the state")
      check.holds(answer.json["node"]?["id"]?.string?.hasPrefix("sidecar~") == true, "Istio's node id")
      check.holds(answer.json["uptime_current_epoch"]?.string?.hasSuffix("s") == true, "the uptime as text")
    }
  },
  Contract(name: "envoy/productpage/clusters_json", server: .proxy, target: "/clusters?format=json") { answer in
    Check.of(answer, status: 200) { check in
      let clusters = answer.json["cluster_statuses"]?.array ?? []
      let reviews = clusters.first { $0["name"]?.string?.hasPrefix("outbound|9080||reviews.") == true }
      let stats = reviews?["host_statuses"]?.array?.first?["stats"]?.array ?? []
      check.holds(stats.contains { $0["name"]?.string == "rq_total" }, "requests of a host")
      check.holds(
        stats.allSatisfy { $0["value"] == nil || $0["value"]?.string != nil }, "counters as text, or left out")
    }
  },
  Contract(
    name: "envoy/productpage/config_dump_routes_mask", server: .proxy,
    target: "/config_dump?resource=dynamic_route_configs"
  ) { answer in
    Check.of(answer, status: 200) { check in
      let routes = routes(of: answer)
      let weighted = routes.first { $0["route"]?["weighted_clusters"] != nil }
      let clusters = weighted?["route"]?["weighted_clusters"]?["clusters"]?.array ?? []
      check.holds(clusters.contains { $0["weight"]?.int != nil }, "weights")
      let origin = weighted?["metadata"]?["filter_metadata"]?["istio"]?["config"]?.string
      check.holds(origin?.hasSuffix("/virtual-service/reviews") == true, "whose route it is")
    }
  },
  Contract(
    name: "envoy/productpage/config_dump_routes_mask", server: .proxy,
    target: "/config_dump?resource=dynamic_route_configs"
  ) { answer in
    Check.of(answer, status: 200) { check in
      let isVersioned = (answer.json["configs"]?.array ?? []).contains { $0["version_info"] != nil }
      check.holds(!isVersioned, "no versions, as with delta xDS")
    }
  },
  Contract(
    name: "envoy/productpage/config_dump_routes_mask", server: .proxy,
    target: "/config_dump?resource=dynamic_route_configs", scenario: "gateway-api"
  ) { answer in
    Check.of(answer, status: 200) { check in
      // A rule of an HTTPRoute: NAMESPACE.ROUTE.RULE, of a resource that no object can have the name of.
      let made = routes(of: answer).filter { $0["name"]?.string?.wholeMatch(of: /bookinfo\.[-a-z]+\.0/) != nil }
      check.holds(!made.isEmpty, "the name of a rule")
      for route in made {
        let origin = route["metadata"]?["filter_metadata"]?["istio"]?["config"]?.string
        check.holds(origin?.contains("/virtual-service/bookinfo~9080~") == true, "whose route it is")
        check.holds(
          route["route"]?["cluster_not_found_response_code"] == "INTERNAL_SERVER_ERROR",
          "what a missing backend answers")
      }
    }
  },
  Contract(
    name: "envoy/productpage/config_dump_bad_resource", server: .proxy, target: "/config_dump?resource=nope"
  ) { Check.of($0, status: 404) },
  Contract(name: "envoy/productpage/certs", server: .proxy, target: "/certs") { answer in
    Check.of(answer, status: 200) { check in
      let certificates = answer.json["certificates"]?.array ?? []
      let own = certificates.first?["cert_chain"]?.array?.first
      let name = own?["subject_alt_names"]?.array?.first?["uri"]?.string
      check.holds(name == "spiffe://cluster.local/ns/bookinfo/sa/bookinfo-productpage", "its SPIFFE id")
      // Whole days: 1 in the very second in which it was issued.
      let days = own?["days_until_expiration"]?.string
      check.holds(days == "0" || days == "1", "the days as text: a certificate holds for one")
      check.holds(certificates.first?["ca_cert"]?.array?.first?["expiration_time"]?.string != nil, "whom it believes")
    }
  },
  Contract(name: "envoy/productpage/logging_GET", server: .proxy, target: "/logging") { Check.of($0, status: 405) },
  Contract(name: "envoy/productpage/not_found_404", server: .proxy, target: "/nope") { Check.of($0, status: 404) },
]

private func routes(of answer: Answer) -> [JSONValue] {
  (answer.json["configs"]?.array ?? []).flatMap { $0["route_config"]?["virtual_hosts"]?.array ?? [] }
    .flatMap { $0["routes"]?.array ?? [] }
}
