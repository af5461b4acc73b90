import type { Gap } from '../../../../shared/gap';
import type { DeliveredEvent } from '../../core/delivery';
import type { FakeGateway } from '../fake-gateway';
import type { PublishedEvent } from '../fake-gateway-log';
import type { Judge } from './judge';

/**
 * Watches what one source delivers of one numbered stream and holds it against what the server published.
 * It knows nothing of the engine's insides: only events, gaps and the server's log.
 */
export function createNumberedJudge(deps: {
  readonly stream: string;
  readonly gateway: FakeGateway;
  /** The stream comes along with another and begins anew with each attach. */
  readonly beside: boolean;
  /** The journal's file was damaged since. */
  readonly damaged: () => boolean;
  readonly complain: (text: string) => void;
}): Judge {
  const { stream, gateway, beside, complain } = deps;
  const seen = new Map<string, Set<number>>();
  const gaps = new Map<string, Gap>();
  /** The widest each gap ever was: what fills it from its end narrows it. */
  const declared = new Map<string, Gap>();
  let last: { epoch: string; seq: number } | null = null;
  let count = 0;

  function inGap(epoch: string, seq: number, wanted: (gap: Gap) => boolean, among = gaps): boolean {
    for (const gap of among.values()) {
      if (gap.stream !== stream || gap.epoch !== epoch || !wanted(gap)) continue;
      if (seq >= gap.from && (gap.to === null || seq <= gap.to)) return true;
    }
    return false;
  }

  function judge(event: DeliveredEvent): void {
    const { position } = event;
    if (!position) {
      complain('an event of a numbered stream was delivered without its position');
      return;
    }
    const { epoch, seq } = position;
    const original = find(gateway, stream, epoch, seq);
    if (!original) complain(`delivered ${epoch}:${seq}, which the server never published`);
    else if (bodyOf(original) !== event.body) complain(`${epoch}:${seq} was delivered with another body`);
    const numbers = seen.get(epoch) ?? new Set<number>();
    seen.set(epoch, numbers);
    if (numbers.has(seq)) complain(`${epoch}:${seq} was delivered twice`);
    numbers.add(seq);
    count += 1;
    if (event.late) {
      if (!inGap(epoch, seq, () => true, declared))
        complain(`${epoch}:${seq} came late but no gap was declared for it`);
      return;
    }
    if (last?.epoch === epoch && seq <= last.seq)
      complain(`${epoch}:${seq} was delivered after ${epoch}:${last.seq} and not marked late`);
    if (last?.epoch === epoch) {
      for (let missing = last.seq + 1; missing < seq; missing += 1) {
        if (!inGap(epoch, missing, () => true, declared)) {
          complain(`${epoch}:${missing} was passed over without a gap`);
          break;
        }
      }
    }
    last = { epoch, seq };
  }

  function judgeLoss(gap: Gap): void {
    if (gap.stream !== stream) return;
    switch (gap.cause) {
      case 'epoch-changed':
        if (gap.epoch === gateway.epoch()) complain(`epoch ${gap.epoch} was declared gone, but it is the server's`);
        return;
      case 'retention':
      case 'no-replay':
        if (gap.epoch === gateway.epoch()) {
          if (beside) return;
          const oldest = gateway.oldest(stream);
          const to = gap.to ?? gap.from;
          if (to >= oldest)
            complain(
              `${gap.epoch}:${gap.from}–${to} was declared lost (${gap.cause}), but the server has it from ${oldest}`,
            );
        }
        return;
      case 'missed':
        complain(`a gap was lost without a cause: ${gap.epoch}:${gap.from}`);
        return;
      case 'too-large':
        if (!find(gateway, stream, gap.epoch, gap.from)?.large)
          complain(`${gap.epoch}:${gap.from} was declared too large, but it is not`);
        return;
      case 'journal-damaged':
        if (!deps.damaged()) complain('a gap was lost with a journal that was never damaged');
        return;
      default:
        complain(`a gap was lost for ${gap.cause}, which does not happen here`);
    }
  }

  return {
    declared(changed) {
      for (const gap of changed) if (gap.stream === stream) declared.set(gap.id, widest(declared.get(gap.id), gap));
    },
    delivered(events) {
      for (const event of events) if (event.stream === stream) judge(event);
    },
    gaps(changed) {
      for (const gap of changed) {
        if (gap.stream !== stream) continue;
        const before = gaps.get(gap.id);
        if (before && before.status !== 'open' && gap.status !== before.status && !cameBack(before)) {
          complain(`gap ${gap.epoch}:${gap.from} went from ${before.status} to ${gap.status}`);
        }
        gaps.set(gap.id, gap);
        declared.set(gap.id, widest(declared.get(gap.id), gap));
        if (gap.status === 'lost' && before?.status !== 'lost') judgeLoss(gap);
      }
    },
    behind(since, at) {
      const event = gateway.published(stream).findLast((one) => one.at <= at);
      if (
        !event ||
        event.at < since ||
        seen.get(event.epoch)?.has(event.seq) ||
        inGap(event.epoch, event.seq, () => true)
      )
        return null;
      if (event.epoch !== gateway.epoch()) return null;
      return `${event.epoch}:${event.seq} never arrived`;
    },
    stored(events, all) {
      this.gaps(all);
      this.delivered(events);
    },
    lost() {
      let lost = 0;
      for (const gap of gaps.values())
        if (gap.stream === stream && gap.status === 'lost' && gap.to !== null) lost += gap.to - gap.from + 1;
      return lost;
    },
    settle(first) {
      for (const gap of gaps.values()) {
        if (gap.stream === stream && gap.status === 'open' && !(beside && deps.damaged()))
          complain(`gap ${gap.epoch}:${gap.from} is still open at the end`);
        if (gap.status === 'filled' && gap.to !== null) {
          for (let seq = gap.from; seq <= gap.to; seq += 1) {
            if (!seen.get(gap.epoch)?.has(seq))
              complain(`gap ${gap.epoch}:${gap.from} says filled, but ${seq} never arrived`);
          }
        }
      }
      if (!first) return;
      let begun = false;
      for (const event of gateway.published(stream)) {
        if (event.epoch === first.epoch && event.seq > first.seq) begun = true;
        if (!begun && event.epoch !== first.epoch && seen.has(event.epoch)) begun = true;
        if (!begun) continue;
        if (seen.get(event.epoch)?.has(event.seq)) continue;
        const current = event.epoch === gateway.epoch();
        // An epoch that came and went while we were away may be unknown to us altogether: its end is covered by
        // the gap that closed the epoch we knew.
        const covered =
          inGap(event.epoch, event.seq, (gap) => gap.status === 'lost') || (!current && cameAndWent(event.epoch));
        if (!covered)
          complain(`${event.epoch}:${event.seq} was published and is neither delivered nor in a declared loss`);
      }
    },
    count: () => count,
  };

  /** Whether a gap was lost with an epoch that the server has again: what it owes is asked for once more. */
  function cameBack({ status, cause, epoch }: Gap): boolean {
    return status === 'lost' && cause === 'epoch-changed' && epoch === gateway.epoch();
  }

  /** Whether an epoch was never met, between two that were: the end of the one before it says so. */
  function cameAndWent(epoch: string): boolean {
    if (seen.has(epoch)) return false;
    return [...gaps.values()].some((gap) => gap.stream === stream && gap.status === 'lost' && gap.to === null);
  }
}

/** Index of what was published, grown as the log grows: a run asks for every event once. */
const indexes = new WeakMap<
  readonly PublishedEvent[],
  { upTo: number; readonly byPosition: Map<string, PublishedEvent> }
>();

function find(gateway: FakeGateway, stream: string, epoch: string, seq: number): PublishedEvent | undefined {
  const all = gateway.published(stream);
  const index = indexes.get(all) ?? { upTo: 0, byPosition: new Map<string, PublishedEvent>() };
  indexes.set(all, index);
  for (; index.upTo < all.length; index.upTo += 1) {
    const event = all[index.upTo];
    if (event) index.byPosition.set(`${event.epoch}:${event.seq}`, event);
  }
  return index.byPosition.get(`${epoch}:${seq}`);
}

/** The `data` member as text: always last in the fake's envelope. */
function bodyOf(event: PublishedEvent): string {
  return event.text.slice(event.text.indexOf(',"data":') + 8, -1);
}

function widest(known: Gap | undefined, gap: Gap): Gap {
  if (!known) return gap;
  const to = known.to === null || gap.to === null ? null : Math.max(known.to, gap.to);
  return { ...gap, from: Math.min(known.from, gap.from), to };
}
