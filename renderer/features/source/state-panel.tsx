import type { Evidence } from '../../../shared/evidence';
import type { StateSpan } from '../../../shared/meters';
import type { SourceView } from '../../../shared/view';
import { uptimeOf } from '../../store/holes';
import type { Range } from '../../store/ranges';
import { useNow } from '../../store/services';
import { durationText } from '../../ui/format/duration';
import { grouped } from '../../ui/format/number';
import { visible } from '../../ui/format/visible';
import { lostText } from '../../ui/lost-text';
import { Panel } from '../../ui/panel';
import { sentenceOf } from '../../ui/sentence';
import { SentenceText } from '../../ui/sentence-text';
import { EvidenceList } from './evidence-list';
import { Ribbon } from './ribbon';
import styles from './state-panel.module.css';

/** A share of less than this says nothing, ms. */
const leastKnown = 10_000;

interface StatePanelProps {
  readonly view: SourceView;
  readonly range: Range;
  readonly spans: readonly StateSpan[];
}

/** The state over time, why it is so now, and what proves it. */
export function StatePanel({ view, range, spans }: StatePanelProps) {
  const now = useNow();
  const { up, down } = uptimeOf(spans, now - range.length, now, now);
  const known = up + down;
  const share = known < leastKnown ? null : (up / known) * 100;
  const over = known < range.length * 0.9 ? durationText(known) : range.text;
  const sentence = sentenceOf(view);
  return (
    <Panel
      title="State"
      aside={
        <span className={styles.uptime} title="Own sleep and network are not counted">
          {share === null ? '' : `${shareText(share)} up over ${over} · ${durationText(down)} down`}
          <span className={styles.counting}>{share === null ? '' : ' · '}own sleep and network not counted</span>
        </span>
      }
    >
      <Ribbon spans={spans} from={now - range.length} to={now} tick={range.tick} />
      <p className={styles.why}>
        <SentenceText parts={sentence.length === 0 ? [{ kind: 'text', text: view.reason.text }] : sentence} />
        {view.notes?.map(({ code, text }) => (
          <span key={code}> {visible(text)}</span>
        ))}
        {view.advice === '' || view.badge === 'stopped' ? null : <span> {visible(view.advice)}</span>}
      </p>
      <EvidenceList evidence={evidenceOf(view)} />
      <Standing view={view} />
    </Panel>
  );
}

/** What proves the sentence: of a degraded source that is what blocks the better rung, not how the lower one opened. */
function evidenceOf({ badge, ladder, evidence }: SourceView): readonly Evidence[] {
  const blocked = badge === 'degraded' ? ladder.find((rung) => rung.status === 'blocked') : undefined;
  return blocked === undefined || blocked.evidence.length === 0 ? evidence : blocked.evidence;
}

function shareText(share: number): string {
  return `${share === 100 || share === 0 ? share : share.toFixed(share > 99.9 ? 3 : 2)} %`;
}

function Standing({ view: { counters, promise, findings = [], notYetStored } }: { readonly view: SourceView }) {
  const facts = [
    `${grouped(counters.delivered)} ${counters.delivered === 1 ? 'event' : 'events'}`,
    lostText(counters),
    `${grouped(counters.repeated)} repeated`,
    ...(counters.late > 0 ? [`${grouped(counters.late)} late`] : []),
    ...(counters.gapsOpen > 0 ? [`${grouped(counters.gapsOpen)} gaps open`] : []),
    ...(counters.undecodable > 0 ? [`${grouped(counters.undecodable)} not decodable`] : []),
    ...(notYetStored > 0 ? [`${grouped(notYetStored)} not yet stored`] : []),
  ];
  return (
    <p className={styles.standing} title="Since the source was added">
      {facts.join(' · ')}
      {promise === '' ? null : <span> · {visible(promise)}</span>}
      {findings.map((found) => (
        <span key={found}> · {visible(found)}</span>
      ))}
    </p>
  );
}
