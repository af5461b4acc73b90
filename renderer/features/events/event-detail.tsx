import { Copy, X } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { EventRow } from '../../../shared/event';
import { useServices } from '../../store/services';
import { Button } from '../../ui/button';
import { copyText } from '../../ui/copy';
import { bytesText } from '../../ui/format/bytes';
import { lagText } from '../../ui/format/duration';
import { hexRows } from '../../ui/format/hex';
import { type JsonLine, jsonLines } from '../../ui/format/json';
import { grouped, none } from '../../ui/format/number';
import { fullTime } from '../../ui/format/time';
import { visible } from '../../ui/format/visible';
import { Segments } from '../../ui/segments';
import { fetchBody, isPreview } from './body';
import { BodyLines } from './body-lines';
import styles from './event-detail.module.css';

interface EventDetailProps {
  readonly source: string;
  readonly row: EventRow;
  readonly onClose: () => void;
}

const looks = [
  { value: 'pretty', text: 'Pretty' },
  { value: 'received', text: 'As received' },
] as const;

/** Bytes of a binary body shown as hex. */
const hexLimit = 65_536;

/** One event laid open. What is copied is what was received, character by character. */
export function EventDetail({ source, row, onClose }: EventDetailProps) {
  const services = useServices();
  const [whole, setWhole] = useState<string | null>(null);
  const [look, setLook] = useState<'pretty' | 'received'>('pretty');
  const [copied, setCopied] = useState(false);
  const body = whole ?? row.body;
  const preview = whole === null && isPreview(row);
  const pretty = useMemo(() => (row.encoding === 'text' ? jsonLines(body) : null), [row.encoding, body]);
  const lines = useMemo(() => linesOf(row, body, look === 'pretty' ? pretty : null), [row, body, look, pretty]);

  const load = async (): Promise<string | null> => {
    const text = preview ? await fetchBody(services, source, row.ordinal) : body;
    if (text !== null && preview) setWhole(text);
    return text;
  };
  const copy = async (): Promise<void> => {
    const text = await load();
    if (text === null) return;
    if (copyText(text)) setCopied(true);
    else services.notify('The system did not let Wirewatch copy.');
  };

  return (
    <section className={styles.detail} aria-label="Event">
      <header className={styles.head}>
        <h3>{visible(row.type)}</h3>
        {pretty === null ? null : <Segments label="Body" value={look} options={looks} onChange={setLook} />}
        <Button onClick={() => void copy()}>
          <Copy size={13} aria-hidden="true" />
          {copied ? 'Copied' : 'Copy'}
        </Button>
        <Button look="icon" aria-label="Close event" onClick={onClose}>
          <X size={14} aria-hidden="true" />
        </Button>
      </header>
      <Facts row={row} />
      {preview ? (
        <p className={styles.note}>
          The beginning of {bytesText(row.bytes)}.
          <Button look="quiet" onClick={() => void load()}>
            Fetch the whole
          </Button>
        </p>
      ) : null}
      {row.encoding === 'text' && pretty === null ? <p className={styles.note}>{kindOfText(body)}</p> : null}
      <BodyLines lines={lines} />
    </section>
  );
}

function kindOfText(body: string): string {
  return body === '' ? 'The body is empty.' : 'Not JSON: shown as received.';
}

function linesOf(row: EventRow, body: string, pretty: readonly JsonLine[] | null): readonly JsonLine[] {
  if (pretty !== null) return pretty;
  const texts = row.encoding === 'base64' ? hexRows(body, hexLimit) : body.split(/\r?\n/);
  return texts.map((text) => ({ depth: 0, tokens: [{ kind: 'mark', text }] }));
}

function sentText(sentAt: number, receivedAt: number): string {
  const lag = lagText(sentAt, receivedAt);
  return `${fullTime(sentAt)}, ${lag === 'unknown' ? 'by a clock that runs ahead of this one' : `${lag} before`}`;
}

function Facts({ row }: { readonly row: EventRow }) {
  const facts = [
    ['received', fullTime(row.receivedAt)],
    ['sent', row.sentAt === null ? 'the feed does not say' : sentText(row.sentAt, row.receivedAt)],
    ['stream', visible(row.stream)],
    [
      'seq',
      row.seq === null ? none : `${grouped(row.seq)}${row.epoch === null ? '' : ` in epoch ${visible(row.epoch)}`}`,
    ],
    ...(row.id === null ? [] : [['id', visible(row.id)] as const]),
    ['size', bytesText(row.bytes)],
    ...(row.late ? [['late', 'filled a gap'] as const] : []),
  ] as const;
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
