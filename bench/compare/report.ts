import { readFileSync } from 'node:fs';
import { machine, percentile, round } from '../bench';
import type { ClientResult, DeliveryResult } from './delivery';
import { type FaultKind, faultFacts, faultKinds, tamperedEvents } from './faults';

/** One line per client, as `--json` prints it. */
export function lineOf(client: ClientResult, faults: number): Record<string, number | string> {
  const { tally } = client;
  const stalls = client.stalls.map(({ ms }) => ms ?? Number.POSITIVE_INFINITY);
  const worst = Math.max(0, ...stalls);
  return {
    compare: 'delivery',
    client: client.contestant.name,
    published: tally.published,
    delivered: tally.delivered,
    lost: tally.lost,
    repeated: tally.repeated,
    out_of_order: tally.outOfOrder,
    recovery_median_ms: finite(percentile(stalls, 0.5)),
    recovery_worst_ms: finite(worst),
    never_recovered: stalls.filter((ms) => ms === Number.POSITIVE_INFINITY).length,
    attempts: client.attempts,
    connections: client.connections,
    lost_by_client_restart: tally.lostBy.get('client-restart') ?? 0,
    faults,
    ...client.notes,
  };
}

/** JSON has no infinity: −1 is never. */
function finite(ms: number): number {
  return Number.isFinite(ms) ? Math.round(ms) : -1;
}

const heads = ['client', 'published', 'delivered', 'lost', 'repeated', 'out of order', 'recovery', 'worst', 'attempts'];

function cellsOf({ contestant, tally, stalls, attempts }: ClientResult): string[] {
  const times = stalls.map(({ ms }) => ms ?? Number.POSITIVE_INFINITY);
  return [
    contestant.name,
    grouped(tally.published),
    grouped(tally.delivered),
    grouped(tally.lost),
    grouped(tally.repeated),
    grouped(tally.outOfOrder),
    seconds(percentile(times, 0.5)),
    seconds(Math.max(0, ...times)),
    grouped(attempts),
  ];
}

function seconds(ms: number): string {
  return Number.isFinite(ms) ? `${round(ms / 1000, 2)} s` : 'never';
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

/** The table for a terminal. */
export function terminalTable({ clients }: DeliveryResult): string {
  const rows = [heads, ...clients.map(cellsOf)];
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n');
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [head, rule, ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function versionOf(name: string | null): string {
  if (name === null) return 'this project';
  const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** docs/comparison.md: the figures and how they were measured. */
export function document(result: DeliveryResult, options: { readonly events: number; readonly seed: number }): string {
  const { clients, script } = result;
  const kinds = faultKinds.filter((kind) => script.faults.some((fault) => fault.kind === kind));
  const count = (kind: FaultKind): number => script.faults.filter((fault) => fault.kind === kind).length;
  const perKind = (cell: (client: ClientResult, kind: FaultKind) => string): string[][] =>
    kinds.map((kind) => [kind.replace('-', ' '), ...clients.map((client) => cell(client, kind))]);
  const names = clients.map(({ contestant }) => contestant.name);
  const rate = Math.round((options.events / script.lastsMs) * 1000);
  return `# Delivery, compared

What ${clients.length} clients make of the same ${grouped(options.events)} events and the same ${script.faults.length} faults. Written by \`npm run compare -- delivery\`;
every figure below is of one run of it, seed ${options.seed}, on ${machine()}.

${markdownTable(heads, clients.map(cellsOf))}

**lost**: published and never handed to the application. **repeated**: handed over again. **out of order**: handed over for the first time
after a newer one. **recovery**: from the beginning of a fault until an event published after it arrived (median, worst). **attempts**: how
often the client tried to open a connection, by any transport.

## Where events were lost

An event counts for the fault that was the last to begin when it was published. Who sits on a dead connection until its process is killed loses
all that was published meanwhile, whichever faults those events count for.

${markdownTable(
  ['fault', ...names],
  perKind((client, kind) => grouped(client.tally.lostBy.get(kind) ?? 0)),
)}

## How long the feed stood still

Median, by fault. Faults that only spoil events do not stop a feed and are not in this table.

${markdownTable(
  ['fault', ...names],
  perKind((client, kind) => {
    const times = client.stalls.filter((stall) => stall.kind === kind).map(({ ms }) => ms ?? Number.POSITIVE_INFINITY);
    return times.length === 0 ? '' : seconds(percentile(times, 0.5));
  }).filter((row) => row.slice(1).some((cell) => cell !== '')),
)}

## The clients

${markdownTable(
  ['client', 'version', 'what it was given'],
  clients.map(({ contestant }) => [contestant.name, versionOf(contestant.package), contestant.settings]),
).replace('---: | ---:', '--- | ---')}

Each is a script in \`bench/compare/clients/\`, with the source of every setting in a comment; the servers are in \`bench/compare/servers/\`.

## The faults

${markdownTable(
  ['fault', 'times', 'what happens'],
  kinds.map((kind) => [kind.replace('-', ' '), String(count(kind)), faultFacts[kind].about]),
).replace('---: | ---:', '---: | ---')}

## How it was measured

- Each client runs in a process of its own, before a server of its own on loopback that suits it and keeps every event, through a TCP
  proxy of its own that breaks connections. All run at the same time through the same script: about ${rate} events of 200 bytes a second, at an
  even rate, for ${Math.round(script.lastsMs / 1000)} s; fault k begins at the same event for everyone. The order of the faults is drawn from the seed.
- Faults of many days are squeezed into minutes, so every client waits a tenth of what it waits by default: delays before reconnecting,
  heartbeats, timeouts (\`bench/compare/pace.ts\` has them all, with their sources). For Wirewatch its slowing of flapping connections is
  switched off, since nobody else has one and so many faults in minutes would be nothing but flapping. One wait is not a tenth: the gateway asks
  its clients to spread their return over at least 1 s, which is most of what Wirewatch takes to come back after a drop.
- The other clients hand each event to an application that writes its number to a file at once, with a write that survives a kill, so that none
  loses by how it is watched. Wirewatch's record is what its journal holds at the end.
- After \`client restart\` the others begin as their documentation has a new process begin: with what is new. An application may keep its
  own place on disk; none of these libraries does it, and
  \`--without client-restart\` shows what is lost where no process dies.
- In favour of the others: the WebSocket server greets with its newest number, so that they can resume even before their first event; the next
  reset also frees connections that a half-open fault had silenced for good, which in life would take hours; and 4 s before the last event everyone is
  reset once more, so that all may fetch what they still can before it is counted. reconnecting-websocket gets a \`ws\` that does not end
  the process over an error it no longer listens to.
- Duplicates and changed places are made by the servers, since TCP makes none. Wirewatch's gateway has them as demo faults; the other servers
  do the same with the next ${tamperedEvents} events that go out live.

Again: \`npm run compare -- delivery\` (about ${Math.ceil(result.tookMs / 60_000)} minutes), \`--json\` for one line per client, \`--quick\` for a small one, \`--seed N\` for another
order, \`--only\` and \`--without\` for some clients or not all faults.
`;
}
