import type { Corpus } from '../sample';

const frame = (text: string) => `${text}\u0000`;

/** https://stomp.github.io/stomp-specification-1.2.html */
export const stompCorpus: Corpus = {
  protocol: 'stomp',
  samples: (['websocket', 'tcp'] as const).map((transport) => ({
    transport,
    url: transport === 'tcp' ? 'stomp://h' : 'ws://h/ws',
    recipe: {
      ...{ name: 'r', title: 'R' },
      speak: { protocol: 'stomp', destinations: ['/topic/a', '/queue/b'], login: 'u', passcode: 'p' },
    },
    frames: [
      frame('CONNECTED\nversion:1.2\nheart-beat:10000,10000\nserver:x/1\n\n'),
      frame('RECEIPT\nreceipt-id:2\n\n'),
      frame('RECEIPT\nreceipt-id:3\n\n'),
      frame(
        'MESSAGE\nsubscription:2\nmessage-id:m1\ndestination:/topic/a\ncontent-type:application/json\n\n{"price":"1.5"}',
      ),
      frame(
        'MESSAGE\r\nsubscription:3\r\nmessage-id:m\\c2\r\ndestination:/queue/b\r\ncontent-length:3\r\n\r\na\u0000b',
      ),
      '\n',
      frame('ERROR\nmessage:Access refused\ncontent-type:text/plain\n\nno such user'),
    ].map((text) => (transport === 'tcp' ? new Uint8Array(Buffer.from(text)) : text)),
  })),
  broken: [frame('NONSENSE\n\n')],
};
