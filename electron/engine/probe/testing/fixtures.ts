/** Answers as feeds give them, written from their public documentation; every one is served by a server of its own in tests. */
export interface HttpFixture {
  readonly status?: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The answer goes on; otherwise it ends behind the body. */
  readonly open?: true;
}

export interface SocketFixture {
  /** What it says by itself, and how it says it. */
  readonly says: readonly string[];
  /** The subprotocol that it chooses, if it is offered. */
  readonly chooses?: string;
  readonly closes?: { readonly code: number; readonly reason: string };
}

export const hello =
  '{"kind":"hello","stream":"orders","epoch":"e1","from":3,"head":3,"heartbeatMs":10000,"spreadMs":0}';

const json = { 'content-type': 'application/json' };
const sse = { 'content-type': 'text/event-stream' };

const alert = {
  annotations: { summary: 'Disk full' },
  endsAt: '2026-01-01T12:05:00.000Z',
  fingerprint: 'd9b2c6f9f1a1a2b3',
  receivers: [{ name: 'web.hook' }],
  startsAt: '2026-01-01T12:00:00.000Z',
  status: { inhibitedBy: [], silencedBy: [], state: 'active' },
  updatedAt: '2026-01-01T12:01:00.000Z',
  generatorURL: 'http://prometheus:9090/graph',
  labels: { alertname: 'DiskFull', instance: 'a:9100' },
};

const watchEvent = (type: string, version: string) =>
  JSON.stringify({
    type,
    object: { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'web-1', resourceVersion: version }, status: {} },
  });

const post = {
  id: '110',
  created_at: '2026-01-01T12:00:00.000Z',
  content: '<p>hi</p>',
  account: { id: '1', acct: 'a@b.test', username: 'a' },
};

const exposition = [
  '# HELP http_requests_total Requests.',
  '# TYPE http_requests_total counter',
  'http_requests_total{method="post",code="200"} 1027 1395066363000',
  'http_requests_total{method="post",code="400"} 3 1395066363000',
  '# TYPE rpc_seconds summary',
  'rpc_seconds{quantile="0.5"} 4.7e-05',
  'rpc_seconds_sum 1.7560473e+07',
  'rpc_seconds_count 2693',
  '# TYPE temperature gauge',
  'temperature{room="a \\"b\\"\\\\"} NaN',
  '',
].join('\n');

/** What each is, how sure it may be called so, and what it answers. */
export const httpFixtures = {
  gatewayPoll: {
    headers: json,
    body: '{"kind":"answer","stream":"orders","epoch":"e1","from":3,"head":3,"events":[],"more":false}',
  },
  gatewaySse: { headers: sse, body: `id: e1:3\ndata: ${hello}\n\n`, open: true },
  nchanSse: {
    headers: { ...sse, server: 'nginx/1.26.3' },
    body: ': hi\n\nid: 1767268800:0\ndata: {"n":1}\n\nid: 1767268800:1\ndata: {"n":2}\n\n',
    open: true,
  },
  prometheus: { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }, body: exposition },
  prometheusCut: { headers: { 'content-type': 'text/plain; version=0.0.4' }, body: exposition.slice(0, -18) },
  prometheusCutNumber: {
    headers: { 'content-type': 'text/plain; version=0.0.4' },
    body: '# TYPE a_total counter\na_total{x="1"} 1\na_total{x="2"} 1234',
  },
  prometheusCutFirst: {
    headers: { 'content-type': 'text/plain; version=0.0.4' },
    body: '# HELP a_total A.\n# TYPE a_total counter\na_total{x="',
  },
  openMetricsCut: {
    headers: { 'content-type': 'application/openmetrics-text; version=1.0.0; charset=utf-8' },
    body: '# TYPE foo counter\nfoo_total 17.0\n# TYPE bar in',
  },
  openMetrics: {
    headers: { 'content-type': 'application/openmetrics-text; version=1.0.0; charset=utf-8' },
    body: '# TYPE foo counter\nfoo_total 17.0 1520879607.789 # {trace_id="a"} 0.5\n# TYPE bar info\nbar_info{v="1"} 1\n# EOF\n',
  },
  alertmanager: { headers: json, body: JSON.stringify([alert, { ...alert, fingerprint: 'aaaaaaaaaaaaaaaa' }]) },
  alertGroups: {
    headers: json,
    body: JSON.stringify([{ labels: { job: 'a' }, receiver: { name: 'web.hook' }, alerts: [alert] }]),
  },
  ndjson: { headers: { 'content-type': 'application/x-ndjson' }, body: '{"n":1}\n{"n":2}\n', open: true },
  linesUnnamed: { headers: json, body: '{"n":1}\n{"n":2}\n{"n":3}\n', open: true },
  plainSse: { headers: sse, body: 'data: {"a":1}\n\ndata: {"a":2}\n\n', open: true },
  sseWithIds: { headers: sse, body: 'id: 41\nevent: price\ndata: {"p":1.5}\n\n', open: true },
  jsonValue: { headers: json, body: '{"status":"up","load":0.7,"checks":{"db":{"ms":3}}}' },
  jsonList: {
    headers: { ...json, etag: '"a1"' },
    body: '[{"id":3,"created_at":"2026-01-01T12:02:00Z","n":3},{"id":2,"created_at":"2026-01-01T12:01:00Z","n":2}]',
  },
  kubernetesWatch: {
    headers: json,
    body: `${watchEvent('ADDED', '10')}\n${watchEvent('MODIFIED', '11')}\n`,
    open: true,
  },
  kubernetesList: {
    headers: json,
    body: '{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"10"},"items":[]}',
  },
  mastodon: {
    headers: { ...sse, server: 'Mastodon' },
    body: `:)\n\nevent: update\ndata: ${JSON.stringify(post)}\n\n:thump\n\n`,
    open: true,
  },
  languageModel: {
    headers: sse,
    body: 'data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\ndata: [DONE]\n\n',
  },
  anthropic: {
    headers: sse,
    body: 'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"a-model","usage":{"input_tokens":9,"output_tokens":1}}}\n\nevent: ping\ndata: {"type":"ping"}\n\n',
  },
  anthropicWhole: {
    headers: sse,
    body: 'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","role":"assistant","model":"a-model"}}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n',
  },
  finishStop: {
    headers: sse,
    body: 'data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n',
  },
  openAiResponse: {
    headers: sse,
    body: 'event: response.created\ndata: {"type":"response.created","response":{"id":"resp_1","object":"response","model":"m"}}\n\nevent: response.completed\ndata: {"type":"response.completed","response":{"id":"resp_1","object":"response","model":"m"}}\n\n',
  },
  chatRoom: {
    headers: sse,
    body: 'event: message_start\ndata: {"type":"message_start","room":4,"n":1}\n\nevent: message\ndata: {"room":4,"n":2}\n\n',
  },
  textOfWords: { headers: { 'content-type': 'text/plain; version=0.0.4' }, body: 'hello 12\nworld 13\n' },
  prometheusQuery: {
    headers: json,
    body: '{"status":"success","data":{"resultType":"vector","result":[{"metric":{"instance":"a"},"value":[1767268800.1,"1.5"]}]}}',
  },
  socketIoPoll: {
    headers: { 'content-type': 'text/plain' },
    body: '0{"sid":"x","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000}',
  },
  // What looks like something and is not, or is nothing that can be read.
  htmlLogin: { headers: { 'content-type': 'text/html' }, body: '<!doctype html><html><title>Sign in</title></html>' },
  htmlAsJson: { headers: json, body: '<html><body>nginx</body></html>' },
  unauthorized: {
    status: 401,
    headers: { ...json, 'www-authenticate': 'Bearer realm="api"' },
    body: '{"error":"unauthorized"}',
  },
  forbidden: { status: 403, headers: json, body: '{"message":"Forbidden"}' },
  captivePortal: { status: 511, headers: { 'content-type': 'text/html' }, body: '<html>Log in to the network</html>' },
  errorAs200: { headers: json, body: '{"success":false,"message":"Invalid API key"}' },
  alertsObject: { headers: json, body: '{"alerts":[]}' },
  alertsWebhook: {
    headers: json,
    body: JSON.stringify({ version: '4', groupKey: 'g', status: 'firing', alerts: [alert] }),
  },
  fewFingerprints: { headers: json, body: '[{"fingerprint":"abc","labels":{"a":"b"},"status":{"state":"active"}}]' },
  emptyList: { headers: json, body: '[]' },
  almostPrometheus: {
    headers: { 'content-type': 'text/plain' },
    body: '# TYPE your name\nfoo 1\nbar is not a number\n',
  },
  textNumbers: { headers: { 'content-type': 'text/plain' }, body: 'up 1\ndown 2\n' },
  logLines: { headers: { 'content-type': 'text/plain' }, body: '2026-01-01 INFO started\n2026-01-01 INFO ready\n' },
  jsonAsSse: { headers: sse, body: '{"a":1,"b":2}' },
  sseError: { headers: sse, body: 'event: error\ndata: {"code":401}\n\n' },
  sseAsJson: { headers: json, body: 'data: {"a":1}\n\ndata: {"a":2}\n\n', open: true },
  nchanLikeIds: { headers: sse, body: 'id: 12:1\ndata: a\n\nid: 12:2\ndata: b\n\n', open: true },
  prettyJson: { headers: json, body: '{\n  "a": 1,\n  "b": {\n    "c": 2\n  }\n}\n' },
  watchLookalike: {
    headers: json,
    body: '{"type":"ADDED","object":{"id":1}}\n{"type":"DELETED","object":{"id":1}}\n',
    open: true,
  },
  choicesOfAnother: { headers: sse, body: 'event: quiz\ndata: {"question":"q","choices":["a","b"]}\n\n', open: true },
  mastodonLikeNames: { headers: sse, body: 'event: update\ndata: {"id":"1","price":2}\n\n', open: true },
  jsonCut: { headers: json, body: '{"a":1,"b":' },
  jsonGuarded: { headers: json, body: ')]}\'\n{"a":1}' },
  jsonEmpty: { headers: json, body: '' },
  xml: { headers: { 'content-type': 'application/rss+xml' }, body: '<?xml version="1.0"?><rss></rss>' },
  image: { headers: { 'content-type': 'image/png' }, body: '\x89PNG' },
  noContent: { status: 204, headers: {}, body: '' },
  valueOpen: { headers: json, body: '{"a":1}', open: true },
  nanJson: { headers: json, body: '{"loss":NaN,"rtt":3}' },
  graphqlError: { headers: json, body: '{"errors":[{"message":"Must provide query string."}],"data":null}' },
  codeError: { headers: json, body: '{"code":401,"msg":"no token"}' },
  detailError: { headers: json, body: '{"detail":"Not authenticated"}' },
  problemJson: {
    headers: { 'content-type': 'application/problem+json' },
    body: '{"type":"about:blank","title":"Not found","status":404,"traceId":"00-1"}',
  },
  kubernetesStatus: {
    headers: json,
    body: '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods is forbidden","code":403}',
  },
  statusCodes: { headers: json, body: '{"status":200,"message":"all is well","load":0.5}' },
  fakeHello: { headers: json, body: '{"kind":"hello","from":"me"}' },
} satisfies Record<string, HttpFixture>;

export const socketFixtures = {
  gatewaySocket: { says: [hello] },
  speaks: { says: ['{"price":1.5,"symbol":"A"}', '{"price":1.6,"symbol":"A"}', '{"price":1.7,"symbol":"B"}'] },
  silent: { says: [] },
  greets: { says: ['{"type":"welcome","version":1}'] },
  homeAssistant: { says: ['{"type":"auth_required","ha_version":"2026.1.0"}'] },
  asksLogin: { says: ['{"type":"auth_required"}'] },
  mastodonSocket: { says: [JSON.stringify({ stream: ['user'], event: 'update', payload: JSON.stringify(post) })] },
  combined: {
    says: [
      '{"stream":"btcusdt@trade","data":{"e":"trade","E":1767268800000,"s":"BTCUSDT","t":12345,"p":"60000.12","q":"0.5"}}',
      '{"stream":"ethusdt@trade","data":{"e":"trade","E":1767268800100,"s":"ETHUSDT","t":12346,"p":"3000.5","q":"1"}}',
    ],
  },
  socketIo: { says: ['0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}'] },
  pusher: {
    says: ['{"event":"pusher:connection_established","data":"{\\"socket_id\\":\\"1.1\\",\\"activity_timeout\\":120}"}'],
  },
  graphql: { says: [], chooses: 'graphql-transport-ws' },
  mqtt: { says: [], chooses: 'mqtt' },
  nchanSocket: { says: [], chooses: 'ws+meta.nchan' },
  errorOnly: { says: ['{"error":"bad request"}'], closes: { code: 1008, reason: 'no subscription' } },
  closesAtOnce: { says: [], closes: { code: 4401, reason: 'Unauthorized: token missing' } },
  plainText: { says: ['tick 1', 'tick 2'] },
  cable: {
    says: ['{"type":"welcome"}', '{"type":"ping","message":1767268800}', '{"type":"ping","message":1767268803}'],
  },
  pingsOnly: { says: ['{"type":"ping"}', '{"type":"ping"}', '{"type":"ping"}'] },
  kraken: { says: ['{"channel":"status","type":"update","data":[{"system":"online"}]}', '{"channel":"heartbeat"}'] },
  methodBeats: {
    says: ['{"id":1,"method":"public/heartbeat","code":0}', '{"id":2,"method":"public/heartbeat","code":0}'],
  },
  sessionBeats: {
    says: [
      '{"metadata":{"message_type":"session_welcome"},"payload":{"session":{"id":"x"}}}',
      '{"metadata":{"message_type":"session_keepalive"},"payload":{}}',
      '{"metadata":{"message_type":"session_keepalive"},"payload":{}}',
    ],
  },
  streamerBeats: {
    says: ['{"TYPE":"20","MESSAGE":"STREAMERWELCOME"}', '{"TYPE":"999","MESSAGE":"HEARTBEAT","TIMEMS":1767268800000}'],
  },
  barePings: { says: ['{"ping":1767268800000}', '{"ping":1767268805000}'] },
  pingTimes: { says: ['{"ping":12.5}', '{"ping":13.1}'] },
  orders: { says: ['{"type":"order","status":"open","n":1}', '{"type":"order","status":"open","n":2}'] },
} satisfies Record<string, SocketFixture>;
