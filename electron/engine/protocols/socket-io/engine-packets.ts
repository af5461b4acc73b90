import { decodePacket } from 'engine.io-parser';
import type { Frame } from '../../core/frame';
import { fieldsOf, parseJson } from '../json-scan';

/** What one packet of Engine.IO 4 is (https://socket.io/docs/v4/engine-io-protocol/). */
export type EnginePacket =
  | { readonly kind: 'open'; readonly sid: string; readonly pingIntervalMs: number; readonly pingTimeoutMs: number }
  | { readonly kind: 'close' }
  | { readonly kind: 'ping' }
  | { readonly kind: 'message'; readonly data: string | Uint8Array }
  /** Answers to what we never say, and what only keeps a held answer from running out. */
  | { readonly kind: 'idle'; readonly name: string }
  | { readonly kind: 'stranger'; readonly why: string };

const separator = '\u001e';
/** More packets are not taken out of one answer. */
const mostPackets = 100_000;
const safeName = /^[\w-]{1,200}$/;

/** The packets of a frame: one in a WebSocket's, any number in the answer to a poll. */
export function enginePackets({ data }: Pick<Frame, 'data'>, polled: boolean): readonly EnginePacket[] {
  if (typeof data !== 'string') {
    return [polled ? stranger('the answer is no text') : { kind: 'message', data }];
  }
  if (!polled) return [packetOf(data)];
  // An answer of the version before begins with the length of its first packet.
  if (/^\d+:0\{"sid"/.test(data)) return [stranger('it speaks Engine.IO 3, as Socket.IO 2 has it')];
  const texts = data.split(separator, mostPackets + 1);
  if (texts.length > mostPackets) return [stranger(`it has more than ${mostPackets} packets`)];
  return texts.map(packetOf);
}

function packetOf(text: string): EnginePacket {
  const { type, data: carried } = decodePacket(text, 'nodebuffer');
  const data: unknown = carried;
  switch (type) {
    case 'open':
      return opened(typeof data === 'string' ? data : '');
    case 'message':
      return {
        kind: 'message',
        data: data instanceof Uint8Array ? new Uint8Array(data) : typeof data === 'string' ? data : '',
      };
    case 'ping':
    case 'close':
      return { kind: type };
    case 'pong':
    case 'upgrade':
    case 'noop':
      return { kind: 'idle', name: type };
    case 'error':
      return stranger('it is no packet of Engine.IO');
  }
}

function opened(text: string): EnginePacket {
  const parsed = parseJson(text);
  const fields = parsed.ok ? fieldsOf(parsed.value) : null;
  const sid = fields?.text('sid') ?? '';
  if (!safeName.test(sid)) return stranger('its greeting names no session');
  return {
    kind: 'open',
    sid,
    pingIntervalMs: fields?.count('pingInterval') ?? 0,
    pingTimeoutMs: fields?.count('pingTimeout') ?? 0,
  };
}

function stranger(why: string): EnginePacket {
  return { kind: 'stranger', why };
}
