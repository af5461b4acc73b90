import { Tabs } from 'radix-ui';
import { useState } from 'react';
import type { SourceView } from '../../../shared/view';
import { routeHref, type SourceTab, sourceTabs } from '../../store/route';
import { useInterest, useSource, useWindow } from '../../store/services';
import { EventList } from '../events/event-list';
import { Frames } from '../frames/frames';
import { useCharts } from '../metrics/chart-frame';
import { HealthCharts, healthSpecs } from '../metrics/health-charts';
import { MetricsTab } from '../metrics/metrics-tab';
import { RangeChoice, useRange } from '../metrics/range-choice';
import { useSpans } from '../metrics/use-history';
import { Outbox } from '../outbox/outbox';
import { PlaybackPanel } from '../playback/playback-panel';
import { StateTab } from '../state/state-tab';
import { LadderPanel } from './ladder-panel';
import { RemoveDialog } from './remove-dialog';
import { SourceForm } from './source-form';
import { Ages, SourceHead } from './source-head';
import styles from './source-page.module.css';
import { StatePanel } from './state-panel';
import { Timeline } from './timeline';

const tabNames: Readonly<Record<SourceTab, string>> = {
  health: 'Health',
  metrics: 'Metrics',
  events: 'Events',
  state: 'State',
  timeline: 'Timeline',
  frames: 'Frames',
  send: 'Send',
};

interface SourcePageProps {
  readonly id: string;
  readonly tab: SourceTab;
  /** The event that the event list opens at; null: the newest. */
  readonly ordinal: number | null;
}

/** Everything about one source. */
export function SourcePage({ id, tab, ordinal }: SourcePageProps) {
  const view = useSource(id);
  const complete = useWindow((state) => state.complete);
  const [dialog, setDialog] = useState<'none' | 'edit' | 'remove'>('none');
  const [range, chooseRange] = useRange();
  const spans = useSpans(id, range.length);
  if (view === undefined) return complete ? <Gone /> : null;
  const close = (): void => setDialog('none');
  const open = (next: string): void => {
    const known = sourceTabs.find((candidate) => candidate === next) ?? 'health';
    window.location.hash = routeHref({ page: 'source', id, tab: known });
  };
  return (
    <section className={styles.page} aria-labelledby="source-title">
      <SourceHead view={view} onEdit={() => setDialog('edit')} onRemove={() => setDialog('remove')} />
      <Tabs.Root className={styles.tabs} value={tab} onValueChange={open}>
        <div className={styles.bar}>
          <Tabs.List className={styles.list} aria-label="About this source">
            {sourceTabs
              .filter((name) => name !== 'send' || view.sends)
              .map((name) => (
                <Tabs.Trigger key={name} value={name} className={styles.trigger}>
                  {tabNames[name]}
                </Tabs.Trigger>
              ))}
          </Tabs.List>
          <div className={styles.right}>
            <Ages view={view} />
            {tab === 'health' || tab === 'metrics' ? <RangeChoice range={range} onChange={chooseRange} /> : null}
          </div>
        </div>
        <Tabs.Content value="health" className={styles.scroll} tabIndex={-1}>
          <Health view={view} range={range} spans={spans} />
        </Tabs.Content>
        <Tabs.Content value="metrics" className={styles.scroll} tabIndex={-1}>
          <MetricsTab view={view} range={range} spans={spans} />
        </Tabs.Content>
        <Tabs.Content value="events" className={styles.fill} tabIndex={-1}>
          <Events view={view} ordinal={ordinal} />
        </Tabs.Content>
        <Tabs.Content value="state" className={styles.scroll} tabIndex={-1}>
          <FeedState view={view} />
        </Tabs.Content>
        <Tabs.Content value="timeline" className={styles.scroll} tabIndex={-1}>
          <TimelineTab view={view} />
        </Tabs.Content>
        <Tabs.Content value="frames" className={styles.fill} tabIndex={-1}>
          <FramesTab view={view} />
        </Tabs.Content>
        <Tabs.Content value="send" className={styles.scroll} tabIndex={-1}>
          <SendTab view={view} />
        </Tabs.Content>
      </Tabs.Root>
      {dialog === 'edit' ? <SourceForm source={view.config} onClose={close} /> : null}
      {dialog === 'remove' ? <RemoveDialog view={view} onClose={close} /> : null}
    </section>
  );
}

const healthSeries = healthSpecs.flatMap(({ series }) => series.map(({ name }) => name));

interface HealthProps {
  readonly view: SourceView;
  readonly range: ReturnType<typeof useRange>[0];
  readonly spans: ReturnType<typeof useSpans>;
}

function Health({ view, range, spans }: HealthProps) {
  useInterest({ source: view.id, tail: true, series: healthSeries });
  const { frame, data } = useCharts({ source: view.id, range, spans, specs: healthSpecs });
  return (
    <div className={styles.health}>
      <div className={styles.top}>
        <StatePanel view={view} range={range} spans={spans} />
        {view.recording ? <PlaybackPanel view={view} recording={view.recording} /> : <LadderPanel view={view} />}
      </div>
      <HealthCharts view={view} frame={frame} data={data} />
      <EventList view={view} at={null} />
    </div>
  );
}

function Events({ view, ordinal }: { readonly view: SourceView; readonly ordinal: number | null }) {
  useInterest({ source: view.id, tail: true, series: [] });
  return <EventList view={view} at={ordinal} />;
}

function TimelineTab({ view }: { readonly view: SourceView }) {
  useInterest({ source: view.id, tail: false, series: [] });
  return <Timeline view={view} />;
}

function FeedState({ view }: { readonly view: SourceView }) {
  useInterest({ source: view.id, tail: false, series: [] });
  return <StateTab view={view} />;
}

function FramesTab({ view }: { readonly view: SourceView }) {
  useInterest({ source: view.id, tail: false, series: [] });
  return <Frames view={view} />;
}

function SendTab({ view }: { readonly view: SourceView }) {
  useInterest({ source: view.id, tail: false, series: [] });
  return <Outbox view={view} />;
}

function Gone() {
  useInterest({ source: null, tail: false, series: [] });
  return (
    <section className={styles.gone}>
      <h1>This source is not here any more</h1>
      <p>
        <a href={routeHref({ page: 'overview' })}>Back to the overview</a>
      </p>
    </section>
  );
}
