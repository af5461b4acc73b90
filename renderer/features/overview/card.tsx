import { memo } from 'react';
import { transportNames } from '../../../shared/transport';
import type { SourceView } from '../../../shared/view';
import { routeHref } from '../../store/route';
import { useReading, useSource } from '../../store/services';
import { badgeLooks, type Tone, troubleTone } from '../../ui/badges';
import { LabelledFigure } from '../../ui/figure';
import { duration, latency } from '../../ui/format/duration';
import { none, type Quantity, readable } from '../../ui/format/number';
import { fullTime } from '../../ui/format/time';
import { visible } from '../../ui/format/visible';
import { BadgePill, Tag } from '../../ui/pill';
import { isMeasuredAtOpen } from '../../ui/round-trip';
import { briefSentenceOf } from '../../ui/sentence';
import { SentenceText } from '../../ui/sentence-text';
import { Sparkline } from '../../ui/sparkline';
import { StateShape } from '../../ui/state-shape';
import styles from './card.module.css';

/** One source at a glance. The whole card leads to its page. */
export const SourceCard = memo(function SourceCard({ id }: { readonly id: string }) {
  const view = useSource(id);
  if (view === undefined) return null;
  const { badge, config } = view;
  const { word } = badgeLooks[badge];
  const sentence = briefSentenceOf(view);
  const name = visible(config.name);
  return (
    <article
      className={styles.card}
      aria-label={`${name}: ${word}`}
      data-badge={badge}
      data-trouble={troubleTone(view)}
    >
      <header className={styles.head}>
        <StateShape badge={badge} />
        <h2>
          <a href={routeHref({ page: 'source', id, tab: 'health' })}>{name}</a>
        </h2>
        <BadgePill badge={badge} />
        <RungTag view={view} />
      </header>
      <Figures view={view} />
      <div className={styles.spark} data-tall={sentence.length === 0}>
        <Sparkline values={view.spark} tone={sparkTone(view)} own={isOwnCause(view)} />
      </div>
      {sentence.length === 0 ? null : (
        <p className={styles.reason}>
          <SentenceText parts={sentence} />
        </p>
      )}
    </article>
  );
});

function RungTag({ view: { state, ladder } }: { readonly view: SourceView }) {
  const rung = state.kind === 'live' || state.kind === 'connecting' ? ladder[state.rung] : undefined;
  return <Tag>{rung === undefined ? none : transportNames[rung.transport]}</Tag>;
}

function Figures({ view }: { readonly view: SourceView }) {
  const { state, ladder, eventsPerSecond, roundTripMs, lastEventAt } = view;
  const live = state.kind === 'live';
  const atOpen = live && isMeasuredAtOpen(ladder[state.rung]);
  return (
    <dl className={styles.figures}>
      <LabelledFigure label="events/s" quantity={{ figure: readable(eventsPerSecond), unit: '' }} />
      <LabelledFigure
        label={atOpen ? 'trip at open' : 'round trip'}
        quantity={live ? latency(roundTripMs) : dash}
        title={atOpen ? 'Round trip as it was when the connection opened' : undefined}
      />
      <AgeFigure
        label="last event"
        since={lastEventAt}
        title={lastEventAt === null ? undefined : fullTime(lastEventAt)}
      />
      <AgeFigure
        label="up for"
        since={live ? state.since : null}
        title={live ? `since ${fullTime(state.since)}` : undefined}
      />
    </dl>
  );
}

interface AgeFigureProps {
  readonly label: string;
  /** Epoch ms; null where there is nothing to be old. */
  readonly since: number | null;
  readonly title: string | undefined;
}

function AgeFigure({ label, since, title }: AgeFigureProps) {
  const read = useReading((now) => {
    const { figure, unit } = since === null ? dash : duration(now - since);
    return `${figure}\n${unit}`;
  });
  const [figure = none, unit = ''] = read.split('\n');
  return <LabelledFigure label={label} quantity={{ figure, unit }} title={title} />;
}

const dash: Quantity = { figure: none, unit: '' };

function sparkTone({ badge }: SourceView): Tone | 'accent' | 'past' {
  switch (badge) {
    case 'live':
    case 'quiet':
      return 'accent';
    case 'degraded':
    case 'throttled':
    case 'stale':
      return 'warn';
    case 'catching-up':
    case 'silent':
    case 'recording':
      return 'info';
    case 'connecting':
    case 'waiting':
    case 'stopped':
    case 'offline':
    case 'paused':
      return 'past';
  }
}

function isOwnCause({ badge }: SourceView): boolean {
  return badge === 'offline' || badge === 'paused';
}
