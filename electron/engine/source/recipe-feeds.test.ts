import { afterEach, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { type Recipe, recipeSchema } from '../../../shared/recipe';
import { sourceSchema } from '../../../shared/source';
import type { TransportKind } from '../../../shared/transport';
import { configOf, endAll, serve, watchConfig } from './testing/other-feed';

afterEach(endAll);

const timing = { backoffBaseMs: 50, backoffCapMs: 100, backoffMinMs: 20 };

type Said = Omit<Parameters<typeof recipeSchema.parse>[0] & object, 'name' | 'title'>;

function watchBy(said: Said, transport: TransportKind, url: string) {
  const recipe: Recipe = recipeSchema.parse({ name: 'r', title: 'R', ...said });
  return watchConfig(sourceSchema.parse({ ...configOf('json', [[transport, url]]), recipe }), { timing });
}

const numbersIn = (bodies: readonly unknown[]) => bodies.map((body) => /"n":(\d+)/.exec(String(body))?.[1]).map(Number);
const cursorIn = (url: string | undefined): number =>
  Number(new URL(url ?? '/', 'http://h').searchParams.get('after') ?? 0);

/** Says these numbers at once. */
const says = (socket: WebSocket, ...numbers: readonly number[]) => {
  for (const n of numbers) socket.send(JSON.stringify({ n, run: 'a' }));
};

const numbered = {
  read: { seq: 'n', numbering: 'contiguous' },
  resume: { kind: 'query', name: 'after', cursor: 'n' },
} as const;

/** Cuts the first connection, once what it brought has been delivered. */
let cut = (): void => {};

describe('feeds by a recipe, through the whole engine', () => {
  it('promise 1: contiguous numbers and a cursor: each once and in order over a break, also where the feed repeats some', async () => {
    let opened = 0;
    const feed = await serve(
      (_request, response) => void response.writeHead(404).end(),
      (socket) => {
        opened += 1;
        if (opened === 1) {
          says(socket, 1, 2, 3);
          cut = () => socket.terminate();
        } else says(socket, 2, 3, 4, 5);
      },
    );
    const { bodies, gaps, view } = await watchBy(numbered, 'websocket', `ws://${feed.host}/`);
    await vi.waitFor(() => expect(bodies()).toHaveLength(3), 10_000);
    cut();
    await vi.waitFor(() => expect(numbersIn(bodies())).toEqual([1, 2, 3, 4, 5]), 10_000);
    expect(feed.asked.map(({ url }) => cursorIn(url))).toEqual([0, 3]);
    expect(gaps).toEqual([]);
    expect(view()?.counters.repeated).toBe(2);
  });

  it('promise 1: a number that is missing is a gap with both its ends, and the rest goes on', async () => {
    const feed = await serve(
      (_request, response) => void response.writeHead(404).end(),
      (socket) => says(socket, 1, 2, 5, 6),
    );
    for (const said of [numbered, { read: numbered.read }]) {
      const { bodies, gaps } = await watchBy(said, 'websocket', `ws://${feed.host}/`);
      await vi.waitFor(() => expect(numbersIn(bodies())).toEqual([1, 2, 5, 6]), 20_000);
      const newest = new Map(gaps.map((gap) => [gap.id, gap]));
      await vi.waitFor(() => expect([...newest.values()]).toMatchObject([{ from: 3, to: 4, status: 'lost' }]));
    }
  });

  it('behaviour 18: another numbering is taken up with what it begins with, and no number of it is a repeat', async () => {
    let opened = 0;
    const feed = await serve(
      (_request, response) => void response.writeHead(404).end(),
      (socket) => {
        opened += 1;
        if (opened === 1) {
          says(socket, 7, 8);
          cut = () => socket.terminate();
          return;
        }
        for (const n of [1, 2]) socket.send(JSON.stringify({ n, run: 'b' }));
      },
    );
    for (const said of [
      { ...numbered, read: { ...numbered.read, epoch: 'run' } },
      { read: { ...numbered.read, epoch: 'run' } },
    ]) {
      opened = 0;
      const { bodies } = await watchBy(said, 'websocket', `ws://${feed.host}/`);
      await vi.waitFor(() => expect(bodies()).toHaveLength(2), 10_000);
      cut();
      await vi.waitFor(() => expect(numbersIn(bodies())).toEqual([7, 8, 1, 2]), 10_000);
    }
  });

  it('a cursor from the last answer: each poll goes on behind the last one, and none is told twice', async () => {
    const log = Array.from({ length: 6 }, (_, n) => ({ n: n + 1 }));
    let polls = 0;
    const feed = await serve((request, response) => {
      polls += 1;
      if (polls === 2) return void response.destroy();
      const from = cursorIn(request.url);
      const m = log.slice(from, from + 2);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ next: String(from + m.length), m }));
    });
    const said = { read: { items: 'm' }, resume: { kind: 'query', name: 'after', cursor: 'next' } } as const;
    const { bodies, gaps } = await watchBy(said, 'long-poll', `http://${feed.host}/`);
    await vi.waitFor(() => expect(numbersIn(bodies())).toEqual([1, 2, 3, 4, 5, 6]), 10_000);
    expect(feed.asked.slice(0, 4).map(({ url }) => cursorIn(url))).toEqual([0, 2, 2, 4]);
    expect(gaps).toEqual([]);
  });

  it('a cursor in an opening message: said again with the newest place, and nothing is lost or told twice', async () => {
    const said: string[] = [];
    const feed = await serve(
      (_request, response) => void response.writeHead(404).end(),
      (socket) => {
        socket.once('message', (data) => {
          said.push(String(data));
          const from = Number(JSON.parse(String(data)).from);
          socket.send('{"ok":true}');
          for (const n of [from + 1, from + 2]) socket.send(JSON.stringify({ n, id: `e${n}` }));
          if (said.length === 1) cut = () => socket.terminate();
        });
      },
    );
    const recipe = {
      classes: [{ when: [{ path: 'ok', exists: true }], is: 'control' }],
      talk: { open: [{ send: '{"from":{{cursor}}}', expect: [{ path: 'ok', is: true }] }] },
      resume: { kind: 'message', cursor: 'n', first: '0' },
    } as const;
    const { bodies, gaps } = await watchBy(recipe, 'websocket', `ws://${feed.host}/`);
    await vi.waitFor(() => expect(bodies()).toHaveLength(2), 10_000);
    cut();
    await vi.waitFor(() => expect(numbersIn(bodies())).toEqual([1, 2, 3, 4]), 10_000);
    expect(said).toEqual(['{"from":0}', '{"from":2}']);
    expect(gaps).toEqual([]);
  });
});
