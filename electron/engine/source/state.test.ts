import { describe, expect, it } from 'vitest';
import type { RungConfig } from '../../../shared/source';
import type { DeliveredEvent } from '../core/delivery';
import type { DecodedEvent } from '../core/protocol';
import { gatewayProtocol } from '../protocols/gateway';
import { createRecipeProtocol } from '../protocols/recipe/recipe-protocol';
import type { SnapshotFetched } from './requests';
import { createSourceState } from './state';

const rung: RungConfig = { transport: 'sse', url: 'http://feed.test/v1/s/sse', intervalSeconds: 5 };

function decoded(seq: number, type: string, body: string, epoch = 'a'): DecodedEvent {
  const place = { position: { epoch, seq }, id: null, sentAt: null, receivedAt: 0 };
  return { stream: 's', type, body, bytes: body.length, value: undefined, ...place };
}

const delivered = (event: DecodedEvent): DeliveredEvent => ({
  ...event,
  ordinal: event.position?.seq ?? 0,
  late: false,
});

const snapshotOf = (...events: readonly DecodedEvent[]): SnapshotFetched => ({
  messages: events.map((event) => ({ kind: 'event', event })),
});

/** A state whose fetches are answered by hand. */
function rig({ protocol = gatewayProtocol, streams = ['s'] as readonly string[] } = {}) {
  const fetches: { readonly stream: string; readonly done: (fetched: SnapshotFetched) => void }[] = [];
  let changes = 0;
  const state = createSourceState({
    protocol,
    ladder: [rung],
    streams: () => streams,
    fetch: (stream, done) => fetches.push({ stream, done }) > 0,
    onChange: () => {
      changes += 1;
    },
  });
  const rows = () => state.view().rows.map(({ type, seq, body }) => `${type} ${seq} ${body}`);
  return { state, fetches, rows, changes: () => changes };
}

describe('a snapshot asked for by a person', () => {
  it('lies under what is newer, also under what came while it was on its way', async () => {
    const { state, fetches, rows, changes } = rig();
    state.apply([delivered(decoded(5, 'cpu', '5')), delivered(decoded(9, 'disk', '9'))]);
    const answer = state.refresh();
    state.apply([delivered(decoded(10, 'net', '10'))]);
    fetches[0]?.done(snapshotOf(decoded(8, 'cpu', '8'), decoded(7, 'disk', '7'), decoded(3, 'net', '3')));
    expect(await answer).toEqual({
      ok: true,
      text: 'The snapshot of s gave 1 of 3 types their state; 2 kept what is as new or newer.',
    });
    expect(rows()).toEqual(['cpu 8 8', 'disk 9 9', 'net 10 10']);
    expect(state.view().rows.map(({ ordinal }) => ordinal)).toEqual([null, 9, 10]);
    expect(changes()).toBe(1);
  });

  it('shows the state of a stream of which no event came in this run, its digits kept', async () => {
    const { state, fetches, rows } = rig();
    expect(state.view()).toEqual({ rows: [], refused: 0, offered: true });
    const answer = state.refresh();
    fetches[0]?.done(snapshotOf(decoded(3, 'cpu', '{"ref":1688888483063664642,"amount":127.0}')));
    expect((await answer).ok).toBe(true);
    expect(rows()).toEqual(['cpu 3 {"ref":1688888483063664642,"amount":127.0}']);
  });

  it('changes nothing when it is of another epoch, empty, or does not come, and says so', async () => {
    const { state, fetches, rows } = rig();
    state.apply([delivered(decoded(5, 'cpu', '5'))]);
    const answers = [state.refresh(), state.refresh(), state.refresh()];
    fetches[0]?.done(snapshotOf(decoded(6, 'cpu', '6', 'b')));
    fetches[1]?.done({ messages: [] });
    fetches[2]?.done({ why: 'the server answered 503.' });
    expect(await Promise.all(answers)).toEqual([
      { ok: false, text: 'The snapshot of s belongs to another epoch (b): nothing of it was applied.' },
      { ok: true, text: 'The snapshot of s is empty.' },
      { ok: false, text: 'No snapshot of s: the server answered 503.' },
    ]);
    expect(rows()).toEqual(['cpu 5 5']);
  });

  it('is one of every stream, and one that fails is not hidden by one that comes', async () => {
    const protocol = {
      ...gatewayProtocol,
      snapshotUrl: (_: RungConfig, stream: string) => `http://feed.test/${stream}`,
    };
    const { state, fetches } = rig({ protocol, streams: ['s', 't'] });
    const answer = state.refresh();
    expect(fetches.map(({ stream }) => stream)).toEqual(['s', 't']);
    fetches[1]?.done({ why: 'the server did not answer in time.' });
    fetches[0]?.done(snapshotOf(decoded(1, 'cpu', '1')));
    expect(await answer).toEqual({
      ok: false,
      text: 'The snapshot of s gave 1 of 1 types their state. No snapshot of t: the server did not answer in time.',
    });
  });

  it('is not offered by a feed that has none, and is never asked of it', async () => {
    const { state, fetches } = rig({ protocol: createRecipeProtocol(null, [rung]) });
    expect(state.view().offered).toBe(false);
    expect(await state.refresh()).toMatchObject({ ok: false });
    expect(fetches).toEqual([]);
  });

  it('is answered when the source closes, and applied no more', async () => {
    const { state, fetches, rows } = rig();
    const answer = state.refresh();
    state.close();
    expect(await answer).toMatchObject({ ok: false });
    fetches[0]?.done(snapshotOf(decoded(1, 'cpu', '1')));
    expect(rows()).toEqual([]);
  });
});
