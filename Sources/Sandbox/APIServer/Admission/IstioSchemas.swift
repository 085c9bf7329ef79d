/// The shapes of Istio's resources that people edit (manifests/charts/base/files/crd-all.gen.yaml of Istio 1.30).
enum IstioSchemas {
  private static let exact: Schema = .object(["exact": .string, "prefix": .string, "regex": .string])
  private static let destination: Schema = .object([
    "host": .string, "subset": .string, "port": .object(["number": .integer(0...4_294_967_295)]),
  ])
  private static let headers: Schema = .object(["request": headerOperations, "response": headerOperations])
  private static let headerOperations: Schema = .object([
    "set": .map(.string), "add": .map(.string), "remove": .list(.string),
  ])
  private static let percent: Schema = .object(["value": .number])

  private static let httpMatch: Schema = .object([
    "name": .string, "uri": exact, "scheme": exact, "method": exact, "authority": exact, "headers": .map(exact),
    "port": .integer(), "sourceLabels": .map(.string), "gateways": .list(.string), "queryParams": .map(exact),
    "ignoreUriCase": .boolean, "withoutHeaders": .map(exact), "sourceNamespace": .string, "statPrefix": .string,
  ])

  private static let fault: Schema = .object([
    "delay": .object([
      "fixedDelay": .string, "exponentialDelay": .string, "percent": .integer(), "percentage": percent,
    ]),
    "abort": .object([
      "httpStatus": .integer(), "grpcStatus": .string, "http2Error": .string, "percentage": percent,
    ]),
  ])

  private static let retries: Schema = .object([
    "attempts": .integer(), "perTryTimeout": .string, "retryOn": .string, "retryRemoteLocalities": .boolean,
    "retryIgnorePreviousHosts": .boolean, "backoff": .string,
  ])

  private static let corsPolicy: Schema = .object([
    "allowOrigin": .list(.string), "allowOrigins": .list(exact), "allowMethods": .list(.string),
    "allowHeaders": .list(.string), "exposeHeaders": .list(.string), "maxAge": .string, "allowCredentials": .boolean,
    "unmatchedPreflights": .string,
  ])

  private static let httpRoute: Schema = .object([
    "name": .string, "match": .list(httpMatch), "timeout": .string, "retries": retries, "fault": fault,
    "route": .list(.object(["destination": destination, "weight": .integer(), "headers": headers])),
    "redirect": .object([
      "uri": .string, "authority": .string, "port": .integer(), "derivePort": .string, "scheme": .string,
      "redirectCode": .integer(),
    ]),
    "directResponse": .object([
      "status": .integer(), "body": .object(["string": .string, "bytes": .string]),
    ]),
    "delegate": .object(["name": .string, "namespace": .string]),
    "rewrite": .object([
      "uri": .string, "authority": .string, "uriRegexRewrite": .object(["match": .string, "rewrite": .string]),
    ]),
    "mirror": destination, "mirrorPercent": .integer(), "mirror_percent": .integer(), "mirrorPercentage": percent,
    "mirrors": .list(.object(["destination": destination, "percentage": percent])), "corsPolicy": corsPolicy,
    "headers": headers,
  ])

  private static let l4Match: [String: Schema] = [
    "destinationSubnets": .list(.string), "port": .integer(), "sourceLabels": .map(.string),
    "gateways": .list(.string), "sourceNamespace": .string, "sourceSubnet": .string,
  ]
  private static let l4Route: Schema = .list(.object(["destination": destination, "weight": .integer()]))

  static let virtualService: Schema = .object([
    "hosts": .list(.string), "gateways": .list(.string), "exportTo": .list(.string), "http": .list(httpRoute),
    "tls": .list(
      .object([
        "match": .list(.object(l4Match.merging(["sniHosts": .list(.string)]) { $1 })), "route": l4Route,
      ])),
    "tcp": .list(.object(["match": .list(.object(l4Match)), "route": l4Route])),
  ])

  private static let loadBalancer: Schema = .object([
    "simple": .string, "warmupDurationSecs": .string,
    "warmup": .object(["duration": .string, "minimumPercent": .number, "aggression": .number]),
    "consistentHash": .object([
      "httpHeaderName": .string, "httpCookie": .open([:]), "useSourceIp": .boolean,
      "httpQueryParameterName": .string, "minimumRingSize": .integer(), "maglev": .open([:]), "ringHash": .open([:]),
    ]),
    "localityLbSetting": .object([
      "distribute": .list(.object(["from": .string, "to": .map(.integer())])),
      "failover": .list(.object(["from": .string, "to": .string])), "failoverPriority": .list(.string),
      "enabled": .boolean,
    ]),
  ])

  private static let connectionPool: Schema = .object([
    "tcp": .object([
      "maxConnections": .integer(), "connectTimeout": .string, "idleTimeout": .string,
      "maxConnectionDuration": .string,
      "tcpKeepalive": .object(["probes": .integer(), "time": .string, "interval": .string]),
    ]),
    "http": .object([
      "http1MaxPendingRequests": .integer(), "http2MaxRequests": .integer(), "maxRequestsPerConnection": .integer(),
      "maxRetries": .integer(), "idleTimeout": .string, "h2UpgradePolicy": .string, "useClientProtocol": .boolean,
      "maxConcurrentStreams": .integer(),
    ]),
  ])

  private static let outlierDetection: Schema = .object([
    "consecutiveErrors": .integer(), "splitExternalLocalOriginErrors": .boolean,
    "consecutiveLocalOriginFailures": .integer(), "consecutiveGatewayErrors": .integer(),
    "consecutive5xxErrors": .integer(), "interval": .string, "baseEjectionTime": .string,
    "maxEjectionPercent": .integer(), "minHealthPercent": .integer(),
  ])

  private static let tls: Schema = .object([
    "mode": .string, "clientCertificate": .string, "privateKey": .string, "caCertificates": .string,
    "credentialName": .string, "subjectAltNames": .list(.string), "sni": .string, "insecureSkipVerify": .boolean,
    "caCrl": .string,
  ])

  private static let trafficPolicy: [String: Schema] = [
    "loadBalancer": loadBalancer, "connectionPool": connectionPool, "outlierDetection": outlierDetection, "tls": tls,
  ]
  private static let wholeTrafficPolicy: Schema = .object(
    trafficPolicy.merging([
      "portLevelSettings": .list(
        .object(trafficPolicy.merging(["port": .object(["number": .integer()])]) { $1 })),
      "tunnel": .object(["protocol": .string, "targetHost": .string, "targetPort": .integer()]),
      "proxyProtocol": .object(["version": .string]),
      "retryBudget": .object(["percent": .number, "minRetryConcurrency": .integer()]),
    ]) { $1 })

  static let destinationRule: Schema = .object([
    "host": .string, "trafficPolicy": wholeTrafficPolicy, "exportTo": .list(.string),
    "subsets": .list(
      .object(["name": .string, "labels": .map(.string), "trafficPolicy": wholeTrafficPolicy])),
    "workloadSelector": .object(["matchLabels": .map(.string)]),
  ])
}
