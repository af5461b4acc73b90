import type { Corpus } from '../sample';

const event = (seq: number, data = '{"p95":12.5,"name":"a"}') =>
  `{"kind":"event","stream":"orders","epoch":"e1","seq":${seq},"time":1760000000000,"type":"tick","id":"o${seq}","data":${data}}`;

const said = [
  '{"kind":"hello","v":1,"stream":"orders","epoch":"e1","head":3,"from":0,"heartbeatMs":15000,"spreadMs":1000,"resumed":false}',
  event(1),
  event(2, '{"a":[{"b":"60000.12"},2,null,true]}'),
  '{"kind":"heartbeat","stream":"orders","epoch":"e1","head":3,"time":1760000000000}',
  event(4),
  '{"kind":"replayed","ref":"r1","after":2,"to":3,"oldest":1,"missing":false}',
  '{"kind":"published","ref":"p1","epoch":"e1","seq":5,"repeated":false}',
  '{"kind":"refused","ref":"p2","error":"rate","message":"Too many messages.","fix":"Wait.","later":true,"retryAfterMs":1000}',
  '{"kind":"cannot-resume","stream":"orders","epoch":"e2","cause":"retention","requested":{"epoch":"e1","seq":4},"oldest":10,"head":12}',
  '{"kind":"goodbye","reason":"restart","retryAfterMs":2000,"spreadMs":500}',
];

const page = `{"kind":"page","stream":"orders","epoch":"e1","head":4,"events":[${event(1)},${event(2)}],"more":true}`;

/** docs/protocol.md. */
export const gatewayCorpus: Corpus = {
  protocol: 'gateway',
  samples: [
    { transport: 'websocket', url: 'ws://h/v1/orders/ws', frames: said },
    {
      transport: 'sse',
      url: 'http://h/v1/orders/sse',
      frames: said.map((data, at) => ({ data, event: at % 2 === 0 ? 'event' : 'hello', id: `e1:${at}` })),
    },
    { transport: 'poll', url: 'http://h/v1/orders/poll', frames: [page, page] },
    { transport: 'long-poll', url: 'http://h/v1/orders/poll', frames: [page, '{"kind":"page","events":[]}'] },
  ],
  broken: [
    '{"kind":"event","stream":"orders"',
    'no json at all',
    '{"kind":"event","stream":"orders","epoch":"e1","seq":-1}',
  ],
};
