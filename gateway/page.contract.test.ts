import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultRetention } from './backplane/memory';
import { refusalKinds, statusOf } from './errors';
import { defaultLimits } from './limits';
import { epochOf, open, start } from './testing/contract-kit';
import { type Answer, ask, type Json, openSse, openWebSocket, publish } from './testing/independent-client';

/**
 * The examples of docs/protocol.md, taken out of the page and held against what a running gateway says: each message
 * shown has the members, and the types of members, of a real one of its kind. Nothing here is typed off the page.
 */

const page = readFileSync(join(__dirname, '../docs/protocol.md'), 'utf8');

/** Every JSON object of the page whose `kind` is written out, with … and bare member names filled in. */
function examples(): { readonly kind: string; readonly names: readonly string[]; readonly whole: Json | null }[] {
  const found: { kind: string; names: string[]; whole: Json | null }[] = [];
  for (const match of page.matchAll(/(?<!"error":)\{"kind":"([a-z-]+)"/g)) {
    const text = balanced(page.slice(match.index));
    const names = [...flat(text).matchAll(/(?<=[{,])"([A-Za-z]+)"(?=[:,}])/g)].map(([, name]) => String(name));
    let whole: Json | null = null;
    try {
      whole = JSON.parse(text) as Json;
    } catch {
      // Shortened on the page: its names count.
    }
    found.push({ kind: String(match[1]), names, whole });
  }
  return found;
}

function balanced(text: string): string {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '{') depth += 1;
    if (text[at] === '}') depth -= 1;
    if (depth === 0) return text.slice(0, at + 1);
  }
  return text;
}

/** The outer object alone: what stands inside its members is left out. */
function flat(text: string): string {
  let depth = 0;
  let out = '';
  for (const one of text) {
    if (one === '}' || one === ']') depth -= 1;
    if (depth <= 1) out += one === '{' && depth === 1 ? '0' : one;
    if (one === '{' || one === '[') depth += 1;
  }
  return out;
}

/** Real messages by kind, from a gateway that went through everything once. */
async function everything(): Promise<ReadonlyMap<string, readonly Json[]>> {
  const seen = new Map<string, Json[]>();
  const keep = (message: Json) => {
    const kind = String(message.kind);
    seen.set(kind, [...(seen.get(kind) ?? []), message]);
    for (const event of (message.events as Json[] | undefined) ?? []) keep(event);
  };
  const gateway = await start({ heartbeatMs: 50, retention: { events: 5 } });
  const url = gateway.streamUrl();
  keep((await publish(url, { type: 'note', data: { a: 1 }, id: 'i', key: 'k' })).json);
  await gateway.publishMany(9);
  const epoch = await epochOf(gateway);
  const answers: Answer[] = await Promise.all([
    ask(url),
    ask(`${gateway.url}/healthz`),
    ask(`${gateway.url}/demo/faults`),
    ask(`${url}/snapshot`),
    ask(`${url}/poll?last=2`),
    ask(`${url}/poll?after=${epoch}:1`),
  ]);
  for (const { json } of answers) keep(json);
  const socket = await openWebSocket(url, `?after=${epoch}:1`);
  const sse = await openSse(url, '?after=other:3');
  open.push(socket, sse);
  socket.send({ kind: 'publish', ref: 'p1', type: 'note', data: 1, id: 'i2' });
  socket.send({ kind: 'replay', after: 7, to: 8, ref: 'r1' });
  socket.send({ kind: 'replay', after: -1, to: 8, ref: 'x' });
  await socket.until(({ kind }) => kind === 'refused');
  await socket.until(({ kind }) => kind === 'replayed');
  await socket.until(({ kind }) => kind === 'heartbeat');
  await socket.until(({ kind, id }) => kind === 'event' && id === 'i2');
  await gateway.faults.restart();
  await socket.until(({ kind }) => kind === 'goodbye');
  await sse.until(({ kind }) => kind === 'goodbye');
  for (const { message } of [...socket.received, ...sse.received]) keep(message);
  return seen;
}

/** What a client sends is no answer of the gateway: it is sent instead, below. */
const requests = new Set(['replay', 'publish']);

describe('promise 24: the page', () => {
  it('shows messages as they are', async () => {
    const real = await everything();
    const shown = examples();
    expect(new Set(shown.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(14);
    for (const { kind, names, whole } of shown.filter((one) => !requests.has(one.kind))) {
      const ones = real.get(kind) ?? [];
      expect(ones.length, `there was no ${kind}`).toBeGreaterThan(0);
      for (const name of names)
        expect(
          ones.some((one) => name in one),
          `${kind}.${name}`,
        ).toBe(true);
      for (const [name, value] of Object.entries(whole ?? {})) {
        const other = ones.find((one) => name in one)?.[name];
        expect(typeof other, `${kind}.${name}`).toBe(typeof value);
      }
      // And the other way: nothing is sent that the page does not know of.
      for (const name of ones.flatMap((one) => Object.keys(one))) {
        expect(page.includes(`"${name}"`) || page.includes(`\`${name}\``), `${kind}.${name} is on the page`).toBe(true);
      }
    }
  });

  it('shows requests that are answered as it says', async () => {
    const gateway = await start();
    const socket = await openWebSocket(gateway.streamUrl());
    open.push(socket);
    const filled = (text: string) => text.replaceAll('…"', '"').replaceAll('"data":…', '"data":1');
    const sent = [...page.matchAll(/`(\{"kind":"(?:replay|publish)"[^`]*)`/g)].map(([, text]) => String(text));
    expect(sent).toHaveLength(2);
    for (const text of sent) {
      const body = filled(text)
        .replace('"after":N', '"after":0')
        .replace('"to":M', '"to":1')
        .replace('"id":"","key":""', '"id":"i","key":"k"');
      const { ref } = JSON.parse(body) as Json;
      socket.send(body);
      expect(await socket.until((message) => message.ref === ref)).toMatchObject({
        kind: text.includes('publish') ? 'published' : 'replayed',
      });
    }
    const faults = /```json\n(\{"settings".*\})\n```/.exec(page)?.[1] ?? '';
    const { action: _, ...change } = JSON.parse(faults) as Json;
    expect(await publish(`${gateway.url}/demo/faults`, change)).toMatchObject({
      status: 200,
      json: { settings: { blockWebSocket: true }, next: { lose: 3 } },
    });
  });

  it('lists every refusal there is under its status, and no other', () => {
    const rows = [...page.matchAll(/^\| (4\d\d|5\d\d) \| (.*) \|$/gm)];
    const listed = rows.flatMap(([, status, kinds]) =>
      [...String(kinds).matchAll(/`([a-z-]+)`/g)].map(([, kind]) => [String(kind), Number(status)] as const),
    );
    const expected = refusalKinds
      .filter((kind) => kind !== 'bad-message')
      .map((kind) => [kind, statusOf(kind)] as const);
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(expected));
    expect(page).toContain('`bad-message`');
  });

  it('names the limits there are', () => {
    const row = (name: string) => new RegExp(`^\\| ${name}.*\\| (.*) \\|$`, 'm').exec(page)?.[1] ?? '';
    expect(row('body of a publish')).toBe(`${defaultLimits.bodyBytes / 1024} KiB`);
    expect(row('attached clients')).toBe(defaultLimits.clients.toLocaleString('en'));
    expect(row('streams')).toBe(defaultLimits.streams.toLocaleString('en'));
    expect(row('open connections')).toBe(defaultLimits.connections.toLocaleString('en'));
    expect(row('connections on which')).toContain(
      `${defaultLimits.strangers.toLocaleString('en')}, each for ${(defaultLimits.requestMs * 3) / 1000} s`,
    );
    expect(row('events per poll answer')).toBe(defaultLimits.answerEvents.toLocaleString('en'));
    expect(row('published events')).toBe(
      `${defaultLimits.publishPerSecond.toLocaleString('en')}, bursts of ${defaultLimits.publishBurst.toLocaleString('en')}`,
    );
    expect(row('bytes queued')).toContain(
      `${defaultLimits.queueBytes / 1024 ** 2} MiB; or ${defaultLimits.slowMs / 1000} s`,
    );
    expect(row('an answer that is not taken')).toContain(`${defaultLimits.slowMs / 1000} s`);
    expect(row('kept per stream')).toContain(
      `${defaultRetention.events.toLocaleString('en')} events, ${defaultRetention.bytes / 1024 ** 2} MiB, ${defaultRetention.ageMs / 3_600_000} hours`,
    );
    expect(row('kept of all streams together')).toContain(`${defaultLimits.totalBytes / 1024 ** 2} MiB`);
    expect(page).toContain(`1,000 types and ${defaultRetention.snapshotBytes / 1024 ** 2} MiB`);
    expect(row('head of a request')).toBe(
      `16 KiB in ${defaultLimits.requestMs / 1000} s, ${(defaultLimits.requestMs * 3) / 1000} s`,
    );
  });
});
