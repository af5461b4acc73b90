import { ArrowUp, CircleHelp, Pin, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { transportNames } from '../../../shared/transport';
import type { RungView, SourceView } from '../../../shared/view';
import { useServices } from '../../store/services';
import { Button } from '../../ui/button';
import { Countdown } from '../../ui/countdown';
import { latency } from '../../ui/format/duration';
import { quantityText, readable } from '../../ui/format/number';
import { fullTime } from '../../ui/format/time';
import { visible } from '../../ui/format/visible';
import { Panel } from '../../ui/panel';
import { isMeasuredAtOpen } from '../../ui/round-trip';
import { StateShape } from '../../ui/state-shape';
import styles from './ladder-panel.module.css';
import { Way } from './way';

/** The ladder, best rung first: which one carries the feed, which do not get through and why, and when it is tried again. */
export function LadderPanel({ view }: { readonly view: SourceView }) {
  const { id, config, ladder, remembered, state } = view;
  const { call } = useServices();
  const note = config.pinnedRung !== null ? 'pinned by you' : remembered ? 'remembered for this network' : '';
  const canProbe = state.kind === 'live' && state.rung > 0 && config.pinnedRung === null;
  const aside = (
    <>
      <span className={styles.note}>{note}</span>
      {ladder.length < 2 ? null : (
        <Button disabled={!canProbe} onClick={() => void call('sources.probe', { id })}>
          Probe now
        </Button>
      )}
    </>
  );
  return (
    <Panel title="Ladder" aside={aside}>
      <ol className={styles.ladder} aria-label="Rungs, best first">
        {ladder.map((rung, index) => (
          <Rung key={`${rung.transport}${rung.url}`} view={view} rung={rung} index={index} />
        ))}
      </ol>
      {view.way ? <Way way={view.way} /> : null}
    </Panel>
  );
}

interface RungProps {
  readonly view: SourceView;
  readonly rung: RungView;
  readonly index: number;
}

function Rung({ view, rung, index }: RungProps) {
  const { call } = useServices();
  const pinned = view.config.pinnedRung === index;
  const name = transportNames[rung.transport];
  const detail = detailOf(view, rung, index);
  return (
    <li
      className={styles.rung}
      data-status={rung.status}
      data-live={view.state.kind === 'live'}
      title={rungTitle(rung)}
    >
      <span className={styles.icon}>{iconOf(view, rung)}</span>
      <strong>{name}</strong>
      <span className={styles.detail}>{visible(detail)}</span>
      <span className={styles.status}>
        <RungStatus view={view} rung={rung} />
      </span>
      {view.ladder.length < 2 ? null : (
        <Button
          look="icon"
          className={styles.pin}
          aria-label={pinned ? `Unpin ${name}` : `Pin ${name}`}
          title={pinned ? `Unpin ${name}` : `Pin ${name}: use this rung and no other`}
          aria-pressed={pinned}
          onClick={() => void call('sources.pin', { id: view.id, rung: pinned ? null : index })}
        >
          <Pin size={13} aria-hidden="true" />
        </Button>
      )}
    </li>
  );
}

function iconOf({ badge }: SourceView, { status }: RungView): ReactNode {
  switch (status) {
    case 'current':
      return <StateShape badge={badge} />;
    case 'candidate':
      return <ArrowUp size={14} aria-hidden="true" />;
    case 'blocked':
      return <X size={14} className={styles.bad} aria-hidden="true" />;
    case 'suspected':
      return <CircleHelp size={14} className={styles.warn} aria-hidden="true" />;
    case 'ready':
      return null;
  }
}

function detailOf(view: SourceView, { status, reason }: RungView, index: number): string {
  switch (status) {
    case 'current': {
      if (view.state.kind !== 'live') return reason?.text ?? '';
      const flow = `${readable(view.eventsPerSecond)}/s`;
      if (view.roundTripMs === null) return flow;
      const trip = quantityText(latency(view.roundTripMs));
      return `${trip}${isMeasuredAtOpen(view.ladder[index]) ? ' at open' : ''}, ${flow}`;
    }
    case 'candidate':
      return 'open beside the current one, catching up';
    case 'blocked':
    case 'suspected':
      return reason?.text ?? '';
    case 'ready': {
      const interval = view.config.ladder[index];
      const seconds = interval?.transport === 'poll' ? `, every ${interval.intervalSeconds ?? 5} s` : '';
      return reason?.text ?? `fallback${seconds}`;
    }
  }
}

function RungStatus({ view, rung: { status, nextProbeAt } }: Omit<RungProps, 'index'>) {
  if (nextProbeAt !== null && status !== 'current') {
    return (
      <>
        probe <Countdown until={nextProbeAt} />
      </>
    );
  }
  return status === 'current' ? currentWord(view) : status;
}

/** What the rung in charge is doing: only a live one is current. */
function currentWord({ state }: SourceView): string {
  switch (state.kind) {
    case 'live':
      return 'current';
    case 'connecting':
      return 'connecting';
    case 'waiting':
      return 'tried next';
    case 'stopped':
      return 'stopped';
    case 'idle':
    case 'offline':
    case 'closed':
      return 'at rest';
  }
}

function rungTitle({ reason, since, url }: RungView): string {
  const lines = [
    visible(url),
    reason === null ? '' : visible(reason.text),
    since === null ? '' : `since ${fullTime(since)}`,
  ];
  return lines.filter((line) => line !== '').join('\n');
}
