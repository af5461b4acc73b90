import type { Gap } from '../../../../shared/gap';
import type { Position } from '../../../../shared/position';
import type { DeliveredEvent } from '../../core/delivery';
import { unnamedStream } from '../../delivery/breaks';
import type { FakeFeed } from '../feeds/feed';
import type { GatewayFeed } from '../feeds/gateway';
import type { MqttFeed } from '../feeds/mqtt';
import { createBrokerJudge } from './broker';
import type { Judge } from './judge';
import { createNumberedJudge } from './numbered';
import { createBodyJudge, createIdJudge } from './unnumbered';

/** The judges of all streams of one source. */
export interface Jury {
  delivered(events: readonly DeliveredEvent[]): void;
  gaps(changed: readonly Gap[]): void;
  declared(changed: readonly Gap[]): void;
  settle(first: Position | null): void;
  /** What of the newest published between two moments (monotonic ms) is missing; null when nothing is. */
  behind(since: number, at: number): string | null;
  stored(events: readonly DeliveredEvent[], gaps: readonly Gap[]): void;
  count(): number;
  lost(): number;
}

export function createJury(
  feed: FakeFeed,
  complain: (text: string) => void,
  damaged: () => boolean = () => false,
): Jury {
  const judges: readonly Judge[] = feed.streams.map((stream) => judgeOf(feed, stream, complain, damaged));
  let lastOrdinal: number | null = null;
  const strange = (stream: string): void => {
    if (!feed.streams.includes(stream)) complain(`there is no stream ${stream}`);
  };
  /** A gap of whoever begins anew, told before the broker has named a topic: it stands for all, under a name of the engine's. */
  const beforeTopics = (stream: string): boolean => feed.promises.identity === 'broker' && stream === unnamedStream;
  /** `holes`: numbers may be missing, of events that were told, found no room on the disk, and were fetched again. */
  function order(events: readonly DeliveredEvent[], holes: boolean): void {
    for (const { stream, ordinal } of events) {
      strange(stream);
      const next = (lastOrdinal ?? ordinal - 1) + 1;
      if (holes ? ordinal < next : ordinal !== next) complain(`ordinal ${ordinal} follows ${lastOrdinal}`);
      lastOrdinal = ordinal;
    }
  }

  return {
    delivered(events) {
      order(events, false);
      for (const judge of judges) judge.delivered(events);
    },
    gaps(changed) {
      for (const { stream } of changed) if (!beforeTopics(stream)) strange(stream);
      for (const judge of judges) judge.gaps(changed);
    },
    declared(changed) {
      for (const judge of judges) judge.declared(changed);
    },
    settle(first) {
      judges.forEach((judge, index) => {
        judge.settle(index === 0 ? first : null);
      });
    },
    behind(since, at) {
      const missing = judges.map((judge) => judge.behind(since, at));
      const index = missing.findIndex((wrong) => wrong !== null);
      return index < 0 ? null : `${feed.streams.length > 1 ? `${feed.streams[index]}: ` : ''}${missing[index]}`;
    },
    stored(events, all) {
      order(events, true);
      for (const judge of judges) judge.stored(events, all);
    },
    count: () => judges.reduce((sum, judge) => sum + judge.count(), 0),
    lost: () => judges.reduce((sum, judge) => sum + judge.lost(), 0),
  };
}

function judgeOf(feed: FakeFeed, stream: string, complain: (text: string) => void, damaged: () => boolean): Judge {
  switch (feed.promises.identity) {
    case 'position':
      return createNumberedJudge({
        stream,
        gateway: (feed as GatewayFeed).gateway,
        damaged,
        beside: stream !== feed.streams[0],
        complain: feed.streams.length > 1 ? (text) => complain(`${stream}: ${text}`) : complain,
      });
    case 'id':
      return createIdJudge({ feed, stream, complain });
    case 'broker':
      return createBrokerJudge({ feed: feed as MqttFeed, stream, damaged, complain });
    case 'body':
      return createBodyJudge({ feed, stream, complain });
  }
}
