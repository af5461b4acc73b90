import { badgeOf } from '../../../shared/connection';
import { logsInByMessage } from '../../../shared/recipe-opening';
import { remark } from '../../../shared/remarks';
import type { SourceConfig } from '../../../shared/source';
import type { SourceCounters, SourceView, WayView } from '../../../shared/view';
import type { ConnectionView } from '../connection/view';
import type { Protocol } from '../core/protocol';
import type { DeliveryDiagnosis, Sequencer } from '../delivery/sequencer';
import type { Meters } from '../meters/meters';
import type { Reading } from './discovery';
import type { Findings } from './findings';

/** What the view of a source is put together from. */
export interface ViewParts {
  readonly config: SourceConfig;
  readonly reading: Reading | null;
  readonly connection: ConnectionView;
  readonly protocol: Protocol;
  readonly meters: Meters;
  readonly findings: Findings;
  /** Series that the feed has and are not charted. */
  readonly leftSeries: number;
  /** Messages of this run that could not be read. */
  readonly undecodable: number;
  readonly counters: SourceCounters;
  readonly catchingUp: ReturnType<Sequencer['catchingUp']>;
  readonly diagnosis: DeliveryDiagnosis | null;
  /** There is a token to resume from. Asked only where it matters: it costs what there are streams. */
  hasPlace(): boolean;
  /** It resumed, and nothing shows that the server knows the place. */
  readonly resumeUnproven: Sequencer['resumeUnproven'];
  /** Breaks of this run behind which nothing shows whether it went on where it was asked to. */
  readonly unprovenBreaks: number;
  /** The journal is behind, and the connection is held for it. */
  readonly throttled: boolean;
  readonly notYetStored: number;
  /** Wall clock, epoch ms. */
  readonly lastEventAt: number | null;
  /** Last sign of life of an earlier run. */
  readonly seenBefore: number | null;
  /** Absent where the ports do not know it. */
  readonly way: WayView | null | undefined;
  readonly sends: boolean;
}

export function composeView(parts: ViewParts): SourceView {
  const { config, connection, protocol, meters, throttled } = parts;
  const { state, quiet } = connection;
  const asked = state.kind === 'stopped' ? null : parts.findings.loginAsked;
  const silentMs = state.kind === 'live' && !throttled ? parts.findings.silence.silentMs() : null;
  const findings = [
    ...(parts.reading ? [parts.reading.text] : []),
    ...sentencesOf(parts),
    ...(asked === null ? [] : [remark('login-asked', { asked })]),
    ...(silentMs === null || asked !== null ? [] : [remark('open-silent', { seconds: Math.floor(silentMs / 1000) })]),
    ...unprovenOf(parts),
  ];
  return {
    id: config.id,
    config,
    state,
    badge: badgeOf({
      state,
      pinnedRung: config.pinnedRung,
      throttled,
      stale: meters.stale(),
      quiet: quiet || parts.resumeUnproven === 'quiet' || asked !== null,
    }),
    since: connection.since,
    downSince: connection.downSince,
    reason: connection.reason,
    advice:
      asked !== null && !logsInByMessage(config.recipe)
        ? loginAdvice
        : silentMs === null
          ? connection.advice
          : (protocol.unasked ?? silentAdvice),
    evidence: connection.evidence,
    ladder: connection.ladder,
    remembered: connection.remembered,
    notes: connection.notes,
    numbering: protocol.numbering,
    promise: promiseOf(parts),
    ...(parts.reading ? { readAs: { protocol: parts.reading.protocol, ladder: [...parts.reading.ladder] } } : {}),
    ...(findings.length === 0 ? {} : { findings }),
    resumeUnproven: parts.resumeUnproven === 'quiet',
    openSilent: silentMs !== null,
    lastByteAt: connection.lastByteAt ?? parts.seenBefore,
    lastHeartbeatAt: connection.lastHeartbeatAt,
    lastEventAt: parts.lastEventAt,
    roundTripMs: connection.roundTripMs,
    eventsPerSecond: meters.eventsPerSecond(),
    spark: meters.spark(),
    counters: parts.counters,
    catchingUp: parts.catchingUp,
    notYetStored: parts.notYetStored,
    ...(parts.way === undefined ? {} : { way: parts.way }),
    sends: parts.sends,
    ...(parts.sends || parts.protocol.cannotSend === undefined ? {} : { cannotSend: parts.protocol.cannotSend }),
  };
}

function sentencesOf({ config, connection, findings, meters, undecodable, leftSeries }: ViewParts): readonly string[] {
  return findings.sentences({
    live: connection.state.kind === 'live',
    suspected: connection.ladder.some(({ status }) => status === 'suspected'),
    aheadMs: meters.senderAheadMs(),
    undecodable,
    leftSeries,
    refused: meters.refused,
    compression: config.reach?.compression ?? false,
  });
}

/** What helps where an open WebSocket brings nothing. */
const silentAdvice =
  "Enter the message that subscribes as a message on open, in the source's recipe section; or the subprotocol, or a credential.";

/** What helps where a feed asks for a login that nobody gives it. */
const loginAdvice = "Enter it as a message on open in the source's recipe section.";

/** What is said of resumes that nothing proves: what they cost may not show anywhere. */
function unprovenOf({ resumeUnproven, unprovenBreaks }: ViewParts): readonly string[] {
  const breaks = unprovenBreaks === 1 ? '1 break' : `${unprovenBreaks} breaks`;
  return [
    ...(resumeUnproven === 'quiet' ? [remark('resume-unproven')] : []),
    ...(unprovenBreaks > 0 ? [remark('resume-not-shown', { breaks })] : []),
  ];
}

/** What the feed at hand can keep, and what is wrong with it. */
function promiseOf({ protocol, hasPlace, unprovenBreaks, diagnosis }: ViewParts): string {
  const { promise, promiseWithoutPlace } = protocol;
  const placed = promiseWithoutPlace === undefined || hasPlace() ? promise : promiseWithoutPlace;
  const said = [unprovenBreaks > 0 ? remark('asked-to-go-on') : placed];
  if (diagnosis !== null) said.push(remark(diagnosis.kind, { ...diagnosis, epochs: '' }));
  return said.join(' ');
}
