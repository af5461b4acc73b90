import type { AlertCondition } from '../../../shared/alert';
import { hasField, matchesSearch, parseSearch, type SearchTerm } from '../../../shared/search';
import { BodyNumbers } from '../core/body-numbers';
import type { DeliveredEvent } from '../core/delivery';
import { ownText } from '../core/own-text';
import type { RuleCourse } from './course';
import type { RuleWatch } from './watch';

type MatchCondition = Extract<AlertCondition, { kind: 'match' }>;

/** Characters of a body that an alert shows. */
const shownChars = 120;

/** What costs least to look at, first. */
const costs: Readonly<Record<SearchTerm['kind'], number>> = { type: 0, stream: 0, text: 1, field: 2 };

/**
 * Watches for events that a search finds. For the rule, an alert ends with the first event after its quiet time, so that
 * it is a pure function of the events; where none comes, it is shown as ended by the clock.
 */
export function watchMatch(course: RuleCourse, condition: MatchCondition): RuleWatch {
  const terms = [...parseSearch(condition.search)].sort((a, b) => costs[a.kind] - costs[b.kind]);
  const fields = terms.filter((term) => term.kind === 'field');
  const others = terms.filter((term) => term.kind !== 'field');
  const quietMs = condition.quietSeconds * 1000;
  let shownAsEnded = false;

  function matches({ body, type, stream, id, value }: DeliveredEvent): boolean {
    const searchable = { body: typeof body === 'string' ? body : '', type, stream, id };
    // A body that was parsed already is not parsed again; one of which the numbers alone were read is looked at as text.
    if (typeof value !== 'object' || value === null || value instanceof BodyNumbers)
      return matchesSearch(searchable, terms);
    return (
      (others.length === 0 || matchesSearch(searchable, others)) &&
      fields.every((term) => hasField(value, term.path, term.value))
    );
  }

  return {
    course,
    event(event) {
      const { receivedAt } = event;
      if (course.active && course.lastAt !== null) {
        if (receivedAt - course.lastAt >= quietMs) course.end(course.lastAt + quietMs);
        else if (receivedAt < course.lastAt) {
          // The clock went back: quiet is counted from here.
          course.lastAt = receivedAt;
          if (shownAsEnded) course.showLasting();
          shownAsEnded = false;
          course.touch();
        }
      }
      if (!matches(event)) return;
      course.lastAt = receivedAt;
      shownAsEnded = false;
      if (course.active) course.again();
      else course.raise(receivedAt, event.ordinal, event.ordinal, () => textOf(event));
    },
    tick({ wall }) {
      if (shownAsEnded || !course.active || course.lastAt === null || wall - course.lastAt < quietMs) return;
      shownAsEnded = true;
      course.showEnded(course.lastAt + quietMs);
    },
  };

  function textOf({ body, type, stream }: DeliveredEvent): string {
    const shown = typeof body === 'string' ? ownText(body.slice(0, shownChars)) : 'a binary body';
    const more = typeof body === 'string' && body.length > shownChars ? '…' : '';
    return `An event ${type} of ${stream} matches ${condition.search}: ${shown}${more}`;
  }
}
