import { Copy, Pause, Play, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { FrameRow, FramesView } from '../../../shared/frame';
import type { SourceView } from '../../../shared/view';
import { useServices } from '../../store/services';
import { Button } from '../../ui/button';
import { copyText } from '../../ui/copy';
import { bytes, bytesText, exactBytes } from '../../ui/format/bytes';
import { hexRows } from '../../ui/format/hex';
import { grouped, quantityText } from '../../ui/format/number';
import { clockMs, fullTime } from '../../ui/format/time';
import { visible } from '../../ui/format/visible';
import { Panel } from '../../ui/panel';
import { frameKind, frameLine, isCut } from './frame-text';
import styles from './frames.module.css';

/** Frames on screen; what is kept beyond them is older. */
const shown = 200;
/** How often they are looked at while on screen, ms. */
const lookMs = 1000;

/** The newest raw frames of a source, newest first: what the feed really said, before any protocol made events of it. */
export function Frames({ view }: { readonly view: SourceView }) {
  const [held, setHeld] = useState(false);
  const [open, setOpen] = useState<FrameRow | null>(null);
  // What is being read must not move.
  const frames = useFrames(view.id, held || open !== null);
  const rows = frames?.rows ?? [];
  return (
    <Panel
      title="Frames"
      className={styles.panel}
      aside={
        <>
          <span>{keptText(frames)}</span>
          <Button look="quiet" aria-pressed={held} onClick={() => setHeld(!held)}>
            {held ? <Play size={13} aria-hidden="true" /> : <Pause size={13} aria-hidden="true" />}
            {held ? 'Follow' : 'Hold'}
          </Button>
        </>
      }
    >
      {frames !== null && rows.length === 0 ? (
        <p className={styles.empty}>
          {view.config.protocol === 'recording'
            ? 'A recording has events, no frames.'
            : 'No frame has come since Wirewatch was started. They are kept in memory only.'}
        </p>
      ) : null}
      <div className={styles.both}>
        <ol className={styles.list} aria-label="Frames, newest first">
          {rows.toReversed().map((row) => (
            <li key={row.number}>
              <button type="button" aria-expanded={open?.number === row.number} onClick={() => setOpen(row)}>
                <span className={styles.number}>{grouped(row.number)}</span>
                <time title={fullTime(row.receivedAt)}>{clockMs(row.receivedAt)}</time>
                <span className={styles.size} title={exactBytes(row.bytes)}>
                  {quantityText(bytes(row.bytes))}
                </span>
                <span className={styles.kind}>{visible(frameKind(row))}</span>
                <span className={styles.line}>{visible(frameLine(row))}</span>
              </button>
            </li>
          ))}
        </ol>
        {open === null ? null : <OneFrame row={open} onClose={() => setOpen(null)} />}
      </div>
    </Panel>
  );
}

function keptText(frames: FramesView | null): string {
  if (frames === null) return '';
  const gone = frames.evicted === 0 ? '' : ` · ${grouped(frames.evicted)} older are kept no longer`;
  return `newest ${grouped(frames.rows.length)}${gone}`;
}

function OneFrame({ row, onClose }: { readonly row: FrameRow; readonly onClose: () => void }) {
  const services = useServices();
  const [copied, setCopied] = useState<number | null>(null);
  const text = row.encoding === 'text' ? row.data : hexRows(row.data, row.data.length).join('\n');
  const copy = (): void => {
    if (copyText(text)) setCopied(row.number);
    else services.notify('The system did not let Wirewatch copy.');
  };
  return (
    <section className={styles.one} aria-label={`Frame ${row.number}`}>
      <header>
        <h3>Frame {grouped(row.number)}</h3>
        <span>
          {fullTime(row.receivedAt)} · {bytesText(row.bytes)} · {visible(frameKind(row))}
        </span>
        <Button onClick={copy}>
          <Copy size={13} aria-hidden="true" />
          {copied === row.number ? 'Copied' : 'Copy'}
        </Button>
        <Button look="icon" aria-label="Close frame" onClick={onClose}>
          <X size={14} aria-hidden="true" />
        </Button>
      </header>
      {isCut(row) ? <p>The beginning of {bytesText(row.bytes)}.</p> : null}
      <pre>{row.encoding === 'text' ? visible(text) : text}</pre>
    </section>
  );
}

/** What is kept of a source; null before main has said so. `held`: as it was. */
function useFrames(source: string, held: boolean): FramesView | null {
  const { bridge } = useServices();
  const [frames, setFrames] = useState<FramesView | null>(null);
  useEffect(() => {
    if (held) return;
    let ended = false;
    const look = (): void => {
      bridge.call('frames.recent', { source, limit: shown }).then(
        (answer) => {
          if (answer.ok && !ended) setFrames(answer.value);
        },
        () => {},
      );
    };
    look();
    const timer = window.setInterval(look, lookMs);
    return () => {
      ended = true;
      window.clearInterval(timer);
    };
  }, [bridge, source, held]);
  return frames;
}
