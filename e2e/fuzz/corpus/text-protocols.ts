import type { Corpus } from '../sample';

/** https://pusher.com/docs/channels/library_auth_reference/pusher-websockets-protocol/ */
export const pusherCorpus: Corpus = {
  protocol: 'pusher',
  samples: [
    {
      transport: 'websocket',
      url: 'ws://h/app/key?protocol=7',
      recipe: { name: 'r', title: 'R', speak: { protocol: 'pusher', channels: ['a', 'b'] } },
      frames: [
        '{"event":"pusher:connection_established","data":"{\\"socket_id\\":\\"1.1\\",\\"activity_timeout\\":120}"}',
        '{"event":"pusher_internal:subscription_succeeded","channel":"a","data":"{}"}',
        '{"event":"pusher_internal:subscription_succeeded","channel":"b","data":"{}"}',
        '{"event":"tick","channel":"a","data":"{\\"price\\":12.50,\\"n\\":9007199254740993}"}',
        '{"event":"pusher:ping","data":"{}"}',
        '{"event":"tick","channel":"b","data":{"price":"7"}}',
        '{"event":"pusher:error","data":{"code":null,"message":"Bad channel"}}',
        '{"event":"pusher:error","data":{"code":4200,"message":"again"}}',
      ],
    },
  ],
  broken: ['no json', '{"event":'],
};

/** https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md */
export const graphqlCorpus: Corpus = {
  protocol: 'graphql-ws',
  samples: [
    {
      transport: 'websocket',
      recipe: {
        name: 'r',
        title: 'R',
        speak: { protocol: 'graphql-ws', query: 'subscription { a }', variables: '{"x":1}', payload: '{"token":"t"}' },
      },
      frames: [
        '{"type":"connection_ack","payload":{"a":1}}',
        '{"type":"ping"}',
        '{"id":"1","type":"next","payload":{"data":{"price":{"symbol":"BTC","value":"60000.12"}}}}',
        '{"id":"1","type":"next","payload":{"errors":[{"message":"no","path":["a",1]}],"data":null}}',
        '{"type":"pong","payload":{}}',
        '{"id":"1","type":"error","payload":[{"message":"denied"}]}',
        '{"id":"1","type":"complete"}',
        '{"type":"ka"}',
        '{"id":"1","type":"data","payload":{"data":{"a":1}}}',
      ],
    },
  ],
  broken: ['no json', '{"type":'],
};

const record = '\u001e';

/** https://github.com/dotnet/aspnetcore/blob/main/src/SignalR/docs/specs/HubProtocol.md */
export const signalrCorpus: Corpus = {
  protocol: 'signalr',
  samples: [
    {
      transport: 'websocket',
      recipe: {
        name: 'r',
        title: 'R',
        speak: {
          protocol: 'signalr',
          invoke: [
            { target: 'Join', arguments: '["a"]' },
            { target: 'Count', stream: true },
          ],
        },
      },
      frames: [
        `{}${record}`,
        `{"type":3,"invocationId":"1","result":null}${record}{"type":6}${record}`,
        `{"type":1,"target":"Tick","arguments":[{"price":1.5},"x"]}${record}{"type":1,"target":"Tick","arguments":[2]}${record}`,
        `{"type":2,"invocationId":"2","item":{"n":1}}${record}`,
        `{"type":3,"invocationId":"2","error":"It broke."}${record}`,
        `{"type":7,"error":"Going","allowReconnect":true}${record}`,
      ],
    },
  ],
  broken: [`no json${record}`, `{"type":1,"tar`],
};

/** https://hexdocs.pm/phoenix/writing_a_channels_client.html */
export const phoenixCorpus: Corpus = {
  protocol: 'phoenix',
  samples: [
    {
      transport: 'websocket',
      url: 'ws://h/socket/websocket?vsn=2.0.0',
      recipe: {
        name: 'r',
        title: 'R',
        speak: { protocol: 'phoenix', topics: [{ topic: 'room:1', payload: '{"a":1}' }, { topic: 'room:2' }] },
      },
      frames: [
        '["1","1","room:1","phx_reply",{"response":{},"status":"ok"}]',
        '["2","2","room:2","phx_reply",{"response":{},"status":"ok"}]',
        '["1",null,"room:1","tick",{"price":"12.5","at":1760000000000}]',
        '[null,"3","phoenix","phx_reply",{"response":{},"status":"ok"}]',
        '["2",null,"room:2","presence_diff",{"joins":{},"leaves":{}}]',
        '["1",null,"room:1","phx_error",{}]',
        '["2",null,"room:2","phx_close",{}]',
      ],
    },
  ],
  broken: ['no json', '["1","1"'],
};
