import { Tabs } from 'radix-ui';
import { useState } from 'react';
import type { SourceView } from '../../shared/view';
import { EventList } from '../features/events/event-list';
import { Frames } from '../features/frames/frames';
import { useCharts } from '../features/metrics/chart-frame';
import { HealthCharts, healthSpecs } from '../features/metrics/health-charts';
import { MetricsTab } from '../features/metrics/metrics-tab';
import { RangeChoice, useRange } from '../features/metrics/range-choice';
import { useSpans } from '../features/metrics/use-history';
import { Outbox } from '../features/outbox/outbox';
import { PlaybackPanel } from '../features/playback/playback-panel';
import { LadderPanel } from '../features/source/ladder-panel';
import { MappingDialog } from '../features/source/mapping/mapping-dialog';
import { RemoveDialog } from '../features/source/remove-dialog';
import { SourceForm } from '../features/source/source-form';
import { Ages, SourceHead } from '../features/source/source-head';
import { StatePanel } from '../features/source/state-panel';
import { Timeline } from '../features/source/timeline';
import { StateTab } from '../features/state/state-tab';
import { routeHref, type SourceTab, sourceTabs } from '../store/route';
import { useInterest, useSource, useWindow } from '../store/services';
import styles from './source-page.module.css';

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
  const [dialog, setDialog] = useState<'none' | 'edit' | 'map' | 'remove'>('none');
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
      <SourceHead
        view={view}
        onEdit={() => setDialog('edit')}
        onMap={() => setDialog('map')}
        onRemove={() => setDialog('remove')}
      />
      <Tabs.Root className={styles.tabs} value={tab} onValueChange={open}>
        <div className={styles.bar}>
          <Tabs.List className={styles.list} aria-label="About this source">
            {sourceTabs
              .filter((name) => name !== 'send' || view.sends || view.cannotSend !== undefined)
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
      {dialog === 'map' ? <MappingDialog source={view.config} onClose={close} /> : null}
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
