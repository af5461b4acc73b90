import type { Clock } from '../core/clock';
import { keptEvent } from '../core/kept-event';
import type { DecodedEvent, ThingsOfPage } from '../core/protocol';
import type { Breaks } from './breaks';
import { nameIn, type RecentKeys } from './dedupe';
import type { Session } from './sessions';
import type { Step } from './step';

/** Tells a thing's name from the key of an entry, as they are kept of the same list from before it was read so. */
const mark = '=';

/** As much of things that may end is kept, characters of their bodies: of the rest only who they are is told. */
const keptCharacters = 4 * 1024 * 1024;

export interface ThingsContext {
  readonly clock: Clock;
  readonly step: Step;
  readonly keys: RecentKeys;
  readonly breaks: Breaks;
}

/**
 * A polled list of things that stay: what is new in it is told, what has changed, and, where the feed's list is how things
 * are now, what has ended. What they were is kept with the keys, so that it is known again after a restart.
 */
export class Things {
  /** No page came yet in this run. */
  private first = true;
  /** What came last of each, by name. */
  private last = new Map<string, DecodedEvent>();

  constructor(private readonly context: ThingsContext) {}

  page(session: Session, events: readonly DecodedEvent[], { of, endsWhenGone }: ThingsOfPage): void {
    const { clock, step, keys, breaks } = this.context;
    const before = new Map([...keys.contents()].filter(([name]) => name.startsWith(mark)));
    const now = new Map<string, { readonly event: DecodedEvent; readonly content: string }>();
    events.forEach((event, index) => {
      const { identity = '', content = '' } = of[index] ?? {};
      const name = freeName(now, `${mark}${nameIn(event.stream, identity)}`);
      now.set(name, { event: { ...event, thing: thingOf(name) }, content });
    });
    breaks.stream = events[0]?.stream ?? breaks.stream;
    this.joins(before, now, endsWhenGone);
    if (endsWhenGone) {
      for (const name of before.keys()) if (!now.has(name)) step.deliver(this.ended(name), false);
    }
    for (const [name, { event, content }] of now) {
      const was = before.get(name);
      if (was === undefined) step.deliver(event, false);
      else if (was !== content) step.deliver(asChanged(event), false);
    }
    // An empty log says nothing of what stood in it.
    if (now.size > 0 || endsWhenGone) {
      keys.become(
        [...now].map(([name, { content }]) => `${name} ${content}`),
        session.id,
        clock.now(),
      );
    }
    if (endsWhenGone) this.keep(now);
    this.first = false;
    step.moved = true;
  }

  /** What lay between this page and the one before it. */
  private joins(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, unknown>, states: boolean): void {
    const { breaks } = this.context;
    // How things are now needs nothing of what was, but after a time in which nobody looked it says nothing of that.
    if (states) {
      if (this.first) breaks.end();
      else breaks.bridge();
      return;
    }
    const overlaps = [...now.keys()].some((name) => before.has(name));
    if (before.size > 0 && now.size > 0 && !overlaps) {
      breaks.bridge();
      breaks.declare('page-rolled-over');
    } else if (overlaps) breaks.bridge();
    else if (before.size === 0) breaks.end();
  }

  private ended(name: string): DecodedEvent {
    const { clock } = this.context;
    const known = this.last.get(name);
    const stream = known?.stream ?? name.slice(mark.length, Math.max(mark.length, name.indexOf(' ')));
    const id = known?.id ?? name.slice(Math.max(name.indexOf(' ') + 1, mark.length));
    const body = known?.body ?? JSON.stringify({ ended: id });
    return {
      stream: stream === '' ? this.context.breaks.stream : stream,
      position: null,
      id,
      type: 'ended',
      thing: thingOf(name),
      sentAt: null,
      receivedAt: clock.wall(),
      body,
      bytes: typeof body === 'string' ? Buffer.byteLength(body) : body.length,
      // Its numbers were measured while it was there.
      value: null,
      measures: [],
    };
  }

  private keep(now: ReadonlyMap<string, { readonly event: DecodedEvent }>): void {
    const kept = new Map<string, DecodedEvent>();
    let room = keptCharacters;
    for (const [name, { event }] of now) {
      room -= event.body.length;
      if (room < 0) break;
      const before = this.last.get(name);
      kept.set(name, before?.body === event.body ? before : keptEvent({ ...event, value: null }));
    }
    this.last = kept;
  }
}

/** Its name without that of its stream. */
function thingOf(name: string): string {
  return name.slice(name.indexOf(' ') + 1);
}

/** Two of one name are told apart by which comes first. */
function freeName(taken: ReadonlyMap<string, unknown>, name: string): string {
  let free = name;
  for (let nth = 2; taken.has(free); nth += 1) free = `${name}#${nth}`;
  return free;
}

/** A feed that has a word of its own for what happened is not talked over. */
function asChanged(event: DecodedEvent): DecodedEvent {
  return event.type === 'message' ? { ...event, type: 'changed' } : event;
}
