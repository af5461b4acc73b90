import type { RungConfig } from '../../../../shared/source';
import type { Frame } from '../../core/frame';
import { ownText } from '../../core/own-text';
import type { DecodedEvent, Decoder, Measured, Message, Protocol } from '../../core/protocol';
import type { AttachRequest } from '../../core/transport';
import { Chosen } from './chosen';
import { type Exposition, type Family, readExposition } from './exposition';
import { familyBody } from './family-body';
import { GroupReader } from './groups';

const onlyStream = 'main';

/** As Prometheus itself asks (its scrape protocols without UTF-8 names). */
const accept =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

/**
 * A page of metrics that is scraped: Prometheus' text format, or OpenMetrics. Each scrape brings an event per family whose
 * samples changed, and the numbers of all of them. Counters are compared over reconnects: what they grew by while nobody
 * asked is known.
 */
export function createPrometheusProtocol(): Protocol {
  const reader = new GroupReader();
  const chosen = new Chosen();

  return {
    name: 'prometheus',
    numbering: 'none',
    uniqueIds: false,
    resumable: false,
    headless: true,
    heartbeatMs: null,
    promise:
      'As each scrape shows it: what changed and changed back between two scrapes is not seen. Counters lose nothing: they are charted as what they grew by per second, also over a break.',
    attach,
    createDecoder: () => createDecoder(reader, chosen),
    replayMessage: () => null,
    replayRequest: () => null,
    snapshotUrl: () => null,
  };
}

function attach(rung: RungConfig): AttachRequest {
  return { url: rung.url, headers: [['accept', accept]], subprotocols: [], lastEventId: null };
}

function createDecoder(reader: GroupReader, chosen: Chosen): Decoder {
  return {
    decode(frame) {
      const read = scrapeIn(frame);
      if (!read.ok) return [{ kind: 'unusable', found: `line ${read.line}: ${ownText(read.why)}` }];
      const { charted, left } = chosen.choose(read.families, reader.read(read.families, frame.receivedAt));
      const measured: Measured[] = [];
      for (const { type, group } of charted) {
        if (group.measures.length > 0) measured.push({ type, measures: group.measures });
      }
      return [
        { kind: 'page', events: read.families.map((family) => eventOf(family, frame)), list: false },
        { kind: 'measured', receivedAt: frame.receivedAt, measured, left: left + read.left },
      ] satisfies readonly Message[];
    },
  };
}

/** What a scrape's answer says. */
function scrapeIn({ data, headers }: Frame): Exposition {
  if (typeof data !== 'string') return { ok: false, why: 'it is no text', line: 1 };
  const header = (wanted: string) => headers.find(([name]) => name === wanted)?.[1] ?? null;
  const openMetrics = /^\s*application\/openmetrics-text\b/i.test(header('content-type') ?? '');
  const read = readExposition(data, openMetrics ? 'openmetrics' : 'text');
  // A page may have nothing to tell yet; what is no page has nothing either.
  if (read.ok && read.families.length === 0 && !openMetrics && !/^\s*(#|$)/.test(data)) {
    return { ok: false, why: 'there is no metric on it', line: 1 };
  }
  return read;
}

function eventOf(family: Family, frame: Frame): DecodedEvent {
  const body = familyBody(family);
  const times = family.samples.flatMap(({ at }) => (at === null ? [] : [at]));
  return {
    stream: onlyStream,
    position: null,
    id: null,
    type: ownText(family.name),
    sentAt: times.length === 0 ? null : times.reduce((newest, at) => Math.max(newest, at)),
    receivedAt: frame.receivedAt,
    body,
    bytes: Buffer.byteLength(body),
    value: undefined,
  };
}
