import type { Alert } from '../../../../shared/alert';
import type { Gap } from '../../../../shared/gap';
import { judgeAlerts } from '../../alerts/testing/demanded';
import type { DeliveredEvent } from '../../core/delivery';
import { readWhole } from '../sim-journal';
import { type Watch, watchedRules } from '../watch';
import type { World } from '../world';
import { createJury } from './jury';

/** What the journal has in the end is what a person finds: the same is demanded of its rows as of what is told. */
export async function judgeRows(world: World, complain: (text: string) => void): Promise<void> {
  const journal = world.journal()?.journal;
  if (!journal) return;
  await journal.flush();
  const alerts = await journal.alertPage(null, 10_000);
  for (const watch of world.watches) {
    const say = (text: string): void => complain(`${watch.id} (${watch.feed.kind}) stored: ${text}`);
    const { events, gaps } = await readWhole(journal, watch.id);
    if (!watch.wanted) {
      if (events.length > 0) say(`${events.length} events of a source that was removed`);
      continue;
    }
    judgeSource(world, watch, events, gaps, say);
    if (watch.damaged) continue;
    const told = lossesTold(watch.gapsTold);
    const mine = alerts.filter(({ source }) => source === watch.id);
    for (const fault of alertFaults(events, gaps, mine, told)) say(fault);
  }
}

function judgeSource(
  world: World,
  watch: Watch,
  events: readonly DeliveredEvent[],
  gaps: readonly Gap[],
  say: (text: string) => void,
): void {
  const jury = createJury(watch.feed, say, () => watch.damaged);
  jury.declared(watch.gapsTold);
  jury.stored(events, gaps);
  jury.settle(watch.damaged ? null : watch.firstPosition());
  const missing = jury.behind(watch.since(), world.clock.now() - 30_000);
  if (missing !== null) say(missing);
  const view = watch.view();
  if (view && !watch.damaged && view.counters.delivered !== events.length)
    say(`${events.length} rows, but ${view.counters.delivered} are counted as delivered`);
  const open = gaps.filter(({ status }) => status === 'open').length;
  if (view && !watch.damaged && view.counters.gapsOpen !== open)
    say(`${open} gaps are stored as open, ${view.counters.gapsOpen} are counted`);
  for (const { ordinal, body } of events)
    if (!watch.told.get(ordinal)?.includes(String(body))) {
      say(`row ${ordinal} is not what was told under that number`);
      return;
    }
}

/** How often a gap became lost: one whose epoch came back may do so again. */
function lossesTold(gaps: readonly Gap[]): number {
  const states = new Map<string, Gap['status']>();
  let losses = 0;
  for (const { id, status } of gaps) {
    if (status === 'lost' && states.get(id) !== 'lost') losses += 1;
    states.set(id, status);
  }
  return losses;
}

/** What the journal's alerts have against its events and gaps. `told`: gaps told as lost, stored or not. */
function alertFaults(
  events: readonly DeliveredEvent[],
  gaps: readonly Gap[],
  alerts: readonly Alert[],
  told: number,
): readonly string[] {
  const stored = events.map((event) => ({ ...event, body: String(event.body) }));
  // A person was told of an event that then found no room; it was fetched again, under another number.
  const rows = new Set(events.map(({ ordinal }) => ordinal));
  const ofRows = alerts.filter(({ ordinal }) => ordinal === null || rows.has(ordinal));
  const faults = watchedRules.flatMap((rule) =>
    rule.condition.kind === 'gap' ? [] : judgeAlerts(rule, stored, ofRows).faults,
  );
  // Time in which the application did not run is no loss of the feed's, and no alert.
  const lost = gaps.filter(({ status, cause }) => status === 'lost' && cause !== 'not-running').length;
  const counted = alerts.filter(({ rule }) => rule === 'lost').reduce((sum, { count }) => sum + count, 0);
  // A gap before the first stored event lies on no page.
  if (counted < lost || counted > told)
    faults.push(`${lost} lost gaps are stored, ${told} were told, alerts count ${counted}`);
  return faults;
}
