import { describe, expect, it } from 'vitest';
import type { Transition } from '../../../shared/connection';
import type { EventRow } from '../../../shared/event';
import type { Gap } from '../../../shared/gap';
import type { DeliveredEvent } from '../core/delivery';
import {
  formatLine,
  longestName,
  parseHeader,
  parseLine,
  type RecordedLine,
  type RecordingHeader,
  safeUrl,
} from './format';
import { eventLine, gapLine, rowLine, stateLine } from './lines';

const header: RecordingHeader = {
  kind: 'recording',
  version: 1,
  at: 1000,
  source: { name: 'Orders', url: 'https://host.test/v1/orders', protocol: 'gateway', promise: '' },
};

const lines: RecordedLine[] = [
  {
    kind: 'event',
    at: 1,
    stream: 's',
    epoch: 'e',
    seq: 9007199254740991,
    id: 'x',
    type: 't',
    sentAt: 0,
    late: true,
    body: '{"n":12345678901234567890, "é":"☃\\n"}',
  },
  {
    kind: 'event',
    at: 2,
    stream: 's',
    epoch: null,
    seq: null,
    id: null,
    type: 'message',
    sentAt: null,
    late: false,
    base64: 'AAEC',
  },
  { kind: 'gap', at: 3, id: 'g', stream: 's', epoch: 'e', from: 2, to: null, status: 'open', cause: 'missed' },
  { kind: 'state', at: 4, from: 'connecting', to: 'live', transport: 'sse', code: 'opened', text: 'It opened.' },
  { kind: 'end', at: 5, events: 2 },
];

describe('the lines of a recording', () => {
  it('are read as they were written, digits of the body included', () => {
    expect(parseHeader(formatLine(header))).toEqual(header);
    for (const line of lines) expect(parseLine(formatLine(line), 2)).toEqual(line);
  });

  it('leave out what says nothing, and hold no line end', () => {
    const [, binary] = lines;
    expect(binary && formatLine(binary)).toBe('{"kind":"event","at":2,"stream":"s","type":"message","base64":"AAEC"}');
    for (const line of lines) expect(formatLine(line)).not.toContain('\n');
  });

  it('of a later writer of this version are understood as far as they are known', () => {
    expect(parseLine('{"kind":"mark","at":1,"text":"look here"}', 2)).toBeNull();
    expect(parseLine('{"kind":"end","at":1,"events":0,"checksum":"x"}', 2)).toEqual({ kind: 'end', at: 1, events: 0 });
  });

  it.each([
    ['', /no header/],
    ['{"kind":"event"}', /no header/],
    ['{"kind":"recording","version":1}', /source|at/],
    ['{"kind":"recording","version":2,"everything":"else"}', /version 2; this program reads version 1/],
  ])('refuse the header %s', (text, said) => {
    expect(() => parseHeader(text)).toThrow(said);
  });

  it.each(['', '[]', 'null', '"x"', '{"kind":7}', '{"kind":"event","at":1,"stream":"s","type":"t"}', '{"kind":"end"}'])(
    'refuse %s and say which line',
    (text) => {
      expect(() => parseLine(text, 17)).toThrow(/Line 17 of the recording is damaged/);
    },
  );

  it('hostile 5: are written no longer than they are read: a name is cut, an id is left out', () => {
    const long = 'x'.repeat(longestName + 1);
    const cut = 'x'.repeat(longestName);
    const event: DeliveredEvent = {
      ordinal: 1,
      late: false,
      stream: long,
      position: { epoch: long, seq: 1 },
      id: long,
      type: long,
      sentAt: null,
      receivedAt: 1,
      body: long,
      bytes: long.length,
      value: undefined,
    };
    const read = { stream: cut, epoch: cut, id: null, type: cut, body: long };
    expect(parseLine(formatLine(eventLine(event)), 2)).toMatchObject(read);
    const row = { ...event, epoch: long, seq: 1, encoding: 'text', body: 'x', whole: false } as unknown as EventRow;
    expect(parseLine(formatLine(rowLine(row, long)), 2)).toMatchObject(read);
    const gap = { id: 'g', stream: long, epoch: long, from: 1, to: 2, status: 'lost', cause: 'missed' };
    expect(parseLine(formatLine(gapLine({ ...gap, openedAt: 1, closedAt: null, before: 1 } as Gap)), 2)).toMatchObject({
      stream: cut,
      epoch: cut,
    });
    const said = {
      at: 1,
      from: { kind: 'live' },
      to: { kind: 'waiting' },
      transport: null,
      code: 'c',
      text: long.repeat(9),
    };
    expect(parseLine(formatLine(stateLine(said as unknown as Transition)), 2)).toMatchObject({ kind: 'state' });
  });

  it.each(['1e300', '-1', '253402300800000', '1e16'])(
    'promise 7: refuse a time that no clock shows, and name it: %s',
    (at) => {
      const said = /at: it lies outside the years 1970 to 9999/;
      expect(() => parseHeader(formatLine(header).replace('"at":1000', `"at":${at}`))).toThrow(said);
      expect(() => parseLine(`{"kind":"event","at":${at},"stream":"s","type":"t","body":"x"}`, 17)).toThrow(said);
      expect(() => parseLine(`{"kind":"end","at":${at},"events":0}`, 17)).toThrow(/Line 17 .* at: it lies/);
    },
  );

  it('name an address without what may be secret in it', () => {
    expect(safeUrl('wss://me:word@host.test/feed?token=abc#x')).toBe('wss://host.test/feed');
    expect(safeUrl('nonsense')).toBe('');
  });
});
