import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { recipeSchema } from '../../../shared/recipe';
import { atEnd, endAll, watch } from './testing/other-feed';

afterEach(endAll);

/** A server that says the same to whoever comes, whatever is asked. */
async function saying(bytes: Buffer): Promise<string> {
  const server = createServer((peer) => {
    peer.on('error', () => {});
    peer.write(bytes);
    atEnd(() => peer.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const endless = Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0xff]);
const connack = Buffer.from([0x20, 0x03, 0x00, 0x00, 0x00]);
const suback = Buffer.from([0x90, 0x04, 0x00, 0x01, 0x00, 0x01]);
const mqtt = { protocol: 'mqtt', topics: ['a'], version: '5' };
const stomp = { protocol: 'stomp', destinations: ['/topic/a'] };

describe('bytes that cannot be read on', () => {
  it.each([
    ['mqtt', mqtt, Buffer.concat([connack, suback, endless]), 'the length of a packet of MQTT has no end'],
    ['mqtt', mqtt, Buffer.from('HTTP/1.1 400 Bad'), 'it is no packet of MQTT: it begins with "HTTP/1.1 400 Bad"'],
    ['stomp', stomp, Buffer.alloc(200_000, 'A'), 'the head of a frame of STOMP does not end'],
    ['stomp', stomp, Buffer.from('CONNECTED\nversion:1.2\n\n\0{'), 'what begins here is no command of STOMP'],
  ] as const)('of %s are told as such, in the words of its protocol', async (protocol, speak, bytes, found) => {
    const recipe = recipeSchema.parse({ name: 'r', title: 'R', speak });
    const url = `${protocol}://${await saying(bytes)}`;
    const { view } = await watch(protocol, [['tcp', url]], {}, undefined, undefined, recipe);
    await vi.waitFor(() => expect(view()?.reason.code).toBe('bytes-unreadable'), 5_000);
    expect(view()?.reason.text).toBe(`What comes cannot be read on, so the connection was ended: ${found}.`);
  });
});
