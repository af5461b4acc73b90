import type { Corpus, SampleFrame } from '../sample';

const text = `# HELP http_requests_total Requests, by path.
# TYPE http_requests_total counter
http_requests_total{path="/",code="200"} 1027 1760000000000
http_requests_total{path="C:\\\\DIR\\\\\\"x\\"\\n",code="400"} 3
# TYPE request_seconds histogram
request_seconds_bucket{le="0.05"} 24
request_seconds_bucket{le="+Inf"} 144320
request_seconds_sum 53423
request_seconds_count 144320
# TYPE rpc_seconds summary
rpc_seconds{quantile="0.99"} 76656
rpc_seconds_sum 1.7560473e+07
rpc_seconds_count 2693
# TYPE up gauge
up NaN
temperature -3.5e-1
`;

const open = `# TYPE jobs counter
# UNIT jobs_seconds seconds
jobs_total{a="b"} 5.0 1760000000.5 # {trace_id="x"} 0.67
jobs_created{a="b"} 1760000000
# TYPE state stateset
state{state="on"} 1
# EOF
`;

const frame = (data: string, type: string): SampleFrame => ({ data, headers: [['content-type', type]] });

/** https://prometheus.io/docs/instrumenting/exposition_formats/ and OpenMetrics 1.0. */
export const prometheusCorpus: Corpus = {
  protocol: 'prometheus',
  samples: [
    {
      transport: 'poll',
      frames: [
        frame(text, 'text/plain; version=0.0.4'),
        frame(text.replaceAll('1027', '2000'), 'text/plain; version=0.0.4'),
        frame(open, 'application/openmetrics-text; version=1.0.0'),
      ],
    },
  ],
  broken: [
    frame('a{b="c" 1\n', 'text/plain; version=0.0.4'),
    frame('a 1\n', 'application/openmetrics-text; version=1.0.0'),
    frame('<html><body>Sign in</body></html>', 'text/html'),
  ],
};
