import { expect, it } from 'vitest';
import { bySubprotocol } from './socket-names';

it('a server that chooses Centrifugo’s subprotocol among others is read by its recipe, and wants a channel', () => {
  const seen = {
    url: 'wss://h/connection/websocket',
    subprotocol: 'centrifuge-json',
    offered: ['wirewatch.nobody', 'centrifuge-json'],
  } as unknown as Parameters<typeof bySubprotocol>[0];
  expect(bySubprotocol(seen)).toMatchObject([
    {
      title: 'Centrifugo',
      protocol: 'json',
      base: 'centrifugo',
      confidence: 'certain',
      wants: [expect.stringMatching(/channel/)],
    },
  ]);
});
