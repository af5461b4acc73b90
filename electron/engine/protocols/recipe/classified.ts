import { ownText } from '../../core/own-text';
import type { Message } from '../../core/protocol';
import type { Asked } from './conditions';
import type { Part } from './cut';
import type { Plan } from './plan';
import { onlyStream, wordsAt } from './reading';

/** A sign of life that says nothing of a place. */
export const life: Message = { kind: 'heartbeat', stream: null, epoch: null, head: null };

const cannotResume: Message = {
  kind: 'cannot-resume',
  stream: onlyStream,
  epoch: '',
  cause: 'retention',
  requested: null,
  oldest: null,
  head: null,
};

/** What the classes say that a message is; `event`: that it is one; null: they say nothing of it. */
export function classified(plan: Plan, part: Part, asked: Asked): Message | 'event' | null {
  const found = plan.classes.find(({ matches }) => matches(asked));
  switch (found?.is) {
    case 'life':
      return life;
    case 'control':
      return { kind: 'control', name: wordsAt(part, plan.type) ?? 'control' };
    case 'error':
      return { kind: 'feed-error', message: said(part, found.why) };
    case 'login-refused':
      return { kind: 'login-refused', message: said(part, found.why) };
    case 'end':
      return goodbye(wordsAt(part, found.why) ?? part.text, found.afterMs, found.whole);
    case 'cannot-resume':
      return cannotResume;
    case 'event':
      return 'event';
    case undefined:
      return null;
  }
}

/** `whole`: everything was said. */
export function goodbye(reason: string, afterMs: number, whole: boolean): Message {
  const said = { reason: reason.trim().slice(0, 500), retryAfterMs: afterMs, spreadMs: 0 };
  return { kind: 'goodbye', ...said, ...(whole ? { whole } : {}) };
}

/** What a message says where its recipe points, else how it begins. */
function said(part: Part, why: Parameters<typeof wordsAt>[1]): string {
  return ownText((wordsAt(part, why) ?? part.text).trim().slice(0, 300));
}
