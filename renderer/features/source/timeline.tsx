import { ArrowRight } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ConnectionState, Transition } from '../../../shared/connection';
import { badgeOf } from '../../../shared/connection';
import { transportNames } from '../../../shared/transport';
import type { SourceView } from '../../../shared/view';
import { useServices, useWindow } from '../../store/services';
import { badgeLooks } from '../../ui/badges';
import { clockMs, fullTime, zone } from '../../ui/format/time';
import { visible } from '../../ui/format/visible';
import { Panel } from '../../ui/panel';
import { Tag } from '../../ui/pill';
import { StateShape } from '../../ui/state-shape';
import { EvidenceList } from './evidence-list';
import styles from './timeline.module.css';

/** Transitions read at once; older ones are in the journal. */
const shown = 200;

/** Every transition of a source, newest first, with its reason and evidence. */
export function Timeline({ view }: { readonly view: SourceView }) {
  const transitions = useTransitions(view.id);
  const last = transitions.at(-1);
  const aside = last === undefined ? '' : `newest first · times in ${zone(last.at)}`;
  return (
    <Panel title="Transitions" aside={aside}>
      {transitions.length === 0 ? <p className={styles.empty}>Nothing has happened yet.</p> : null}
      <ol className={styles.list}>
        {transitions.map((transition, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two transitions may carry the same millisecond
          <li key={`${transition.at}-${transitions.length - index}`} className={styles.step}>
            <time title={fullTime(transition.at)}>{clockMs(transition.at)}</time>
            <span className={styles.states}>
              <StateWord state={transition.from} />
              <ArrowRight size={12} aria-label="to" />
              <StateWord state={transition.to} />
            </span>
            <div className={styles.why}>
              <p>
                {visible(transition.text)} <code>{transition.code}</code>
              </p>
              <EvidenceList evidence={transition.evidence} />
            </div>
            <span>{transition.transport === null ? null : <Tag>{transportNames[transition.transport]}</Tag>}</span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function StateWord({ state }: { readonly state: ConnectionState }) {
  const badge = badgeOf({ state, pinnedRung: null, throttled: false, stale: false, quiet: false });
  const word = state.kind === 'idle' && state.cause === 'new' ? 'New' : badgeLooks[badge].word;
  return (
    <>
      <StateShape badge={badge} size={13} />
      <span>{state.kind === 'closed' ? 'Closed' : word}</span>
    </>
  );
}

function useTransitions(source: string): readonly Transition[] {
  const { call } = useServices();
  const changed = useWindow((state) => state.transitions.get(source) ?? state.sources.get(source)?.since);
  const [transitions, setTransitions] = useState<readonly Transition[]>([]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `changed` is why to read again
  useEffect(() => {
    let ended = false;
    void call('history.transitions', { source, limit: shown }).then((answer) => {
      if (!ended && answer !== null) setTransitions(answer.toSorted((a, b) => b.at - a.at));
    });
    return () => {
      ended = true;
    };
  }, [call, source, changed]);
  return transitions;
}
