import { CirclePause, CirclePlay, Crosshair, Pencil, Pin, PinOff, RotateCw, Trash2 } from 'lucide-react';
import { transportNames } from '../../../shared/transport';
import type { SourceView } from '../../../shared/view';
import { useNow, useServices } from '../../store/services';
import { Button } from '../../ui/button';
import { Age } from '../../ui/countdown';
import { durationText } from '../../ui/format/duration';
import { fullTime, sinceText } from '../../ui/format/time';
import { visible } from '../../ui/format/visible';
import { BadgePill, Tag } from '../../ui/pill';
import { StateShape } from '../../ui/state-shape';
import styles from './source-head.module.css';

interface SourceHeadProps {
  readonly view: SourceView;
  readonly onEdit: () => void;
  readonly onMap: () => void;
  readonly onRemove: () => void;
}

/** Title line of a source: what it is, since when, how fresh, and what one can do. */
export function SourceHead({ view, onEdit, onMap, onRemove }: SourceHeadProps) {
  const { badge, config } = view;
  return (
    <header className={styles.head}>
      <div className={styles.title}>
        <StateShape badge={badge} size={16} />
        <h1 id="source-title" title={visible(config.url)}>
          {visible(config.name)}
        </h1>
        <span role="status" aria-label="State">
          <BadgePill badge={badge} />
        </span>
        <Since view={view} />
        {config.readSince === undefined ? null : <ReadSince at={config.readSince} />}
      </div>
      <Actions view={view} onEdit={onEdit} onMap={onMap} onRemove={onRemove} />
    </header>
  );
}

function Since({ view }: { readonly view: SourceView }) {
  const now = useNow();
  const { at, text } = sinceOf(view, now);
  return <Tag title={fullTime(at)}>{text}</Tag>;
}

/** Since when its events are read as they are now. */
function ReadSince({ at }: { readonly at: number }) {
  const now = useNow();
  return (
    <Tag title={`Read by its mapping of now since ${fullTime(at)}. What is stored from before stays as it was read.`}>
      mapped since {sinceText(at, now)}
    </Tag>
  );
}

/** Since when it is so: trouble since it began, over all attempts; what is live since this connection. */
export function sinceOf(
  { state, ladder, since, downSince }: Pick<SourceView, 'state' | 'ladder' | 'since' | 'downSince'>,
  now: number,
): { readonly at: number; readonly text: string } {
  if (state.kind === 'live') {
    const rung = ladder[state.rung];
    const name = rung === undefined ? '' : `${transportNames[rung.transport]} `;
    return { at: state.since, text: `${name}since ${sinceText(state.since, now)}` };
  }
  if (downSince == null) return { at: since, text: `since ${sinceText(since, now)}` };
  return { at: downSince, text: `down ${durationText(now - downSince)} since ${sinceText(downSince, now)}` };
}

/** How long ago anything was heard, each by itself. */
export function Ages({ view: { lastByteAt, lastHeartbeatAt, lastEventAt } }: { readonly view: SourceView }) {
  return (
    <p className={styles.ages}>
      <span>
        last byte <Age at={lastByteAt} />
      </span>
      <span>
        heartbeat <Age at={lastHeartbeatAt} />
      </span>
      <span>
        event <Age at={lastEventAt} />
      </span>
    </p>
  );
}

function Actions({ view, onEdit, onMap, onRemove }: SourceHeadProps) {
  const { call } = useServices();
  const { id, state, config, ladder } = view;
  const idle = state.kind === 'idle' || state.kind === 'closed';
  const pinned = config.pinnedRung;
  const current = state.kind === 'live' || state.kind === 'connecting' ? state.rung : null;
  return (
    <div className={styles.actions}>
      <Button
        title="Retry now"
        disabled={idle || state.kind === 'live'}
        onClick={() => void call('sources.retry', { id })}
      >
        <RotateCw size={13} aria-hidden="true" />
        <span>Retry now</span>
      </Button>
      {pinned === null ? (
        <Button
          title="Pin rung: use this one and no other"
          disabled={current === null || ladder.length < 2}
          onClick={() => void call('sources.pin', { id, rung: current })}
        >
          <Pin size={13} aria-hidden="true" />
          <span>Pin rung</span>
        </Button>
      ) : (
        <Button title="Unpin rung" onClick={() => void call('sources.pin', { id, rung: null })}>
          <PinOff size={13} aria-hidden="true" />
          <span>Unpin rung</span>
        </Button>
      )}
      {config.paused ? (
        <Button title="Resume" onClick={() => void call('sources.resume', { id })}>
          <CirclePlay size={13} aria-hidden="true" />
          <span>Resume</span>
        </Button>
      ) : (
        <Button title="Pause" onClick={() => void call('sources.pause', { id })}>
          <CirclePause size={13} aria-hidden="true" />
          <span>Pause</span>
        </Button>
      )}
      {config.protocol === 'json' ? (
        <Button
          look="icon"
          aria-label="Edit mapping"
          title="Edit mapping: say what the values of its events are"
          onClick={onMap}
        >
          <Crosshair size={14} aria-hidden="true" />
        </Button>
      ) : null}
      <Button
        look="icon"
        aria-label="Edit"
        title={config.builtIn ? 'Built in: there is nothing to edit' : 'Edit'}
        onClick={onEdit}
        disabled={config.builtIn}
      >
        <Pencil size={14} aria-hidden="true" />
      </Button>
      <Button
        look="icon"
        aria-label="Remove"
        title={config.builtIn ? 'Built in: it cannot be removed, only paused' : 'Remove'}
        onClick={onRemove}
        disabled={config.builtIn}
      >
        <Trash2 size={14} aria-hidden="true" />
      </Button>
    </div>
  );
}
