import type { Corpus } from '../sample';

const record = '\u001e';

/** https://github.com/socketio/engine.io-protocol and https://github.com/socketio/socket.io-protocol */
export const socketIoCorpus: Corpus = {
  protocol: 'socket-io',
  samples: [
    {
      transport: 'websocket',
      url: 'ws://h/socket.io/',
      recipe: {
        name: 'r',
        title: 'R',
        speak: { protocol: 'socket-io', namespace: '/chat', auth: '{"t":"x"}', emit: ['["join",1]'] },
      },
      frames: [
        '0{"sid":"lv_VI97HAXpY6yYWAAAB","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}',
        '40/chat,{"sid":"wZX3oN0bSVIhsaknAAAI","pid":"p1"}',
        '42/chat,["tick",{"price":"1.5"},"offset1"]',
        '2',
        '452/chat,["file",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]',
        new Uint8Array([1, 2, 3]),
        new Uint8Array([4]),
        '42/chat,12["ask",1]',
        '44/chat,{"message":"Not authorized","data":{"code":1}}',
        '41/chat,',
        '6',
        '1',
      ],
    },
    {
      transport: 'long-poll',
      url: 'http://h/socket.io/',
      token: 'p1 offset1',
      frames: [
        '0{"sid":"s1","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}',
        '40{"sid":"x","pid":"p1"}',
        `42["tick",{"price":1}]${record}2${record}42["tock"]`,
        'bAQIDBA==',
      ],
    },
  ],
  broken: ['42["tick', '9'],
};
