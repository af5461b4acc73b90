import { expect, it } from 'vitest';
import type { Alert } from '../../../shared/alert';
import { createFakeClock } from '../../engine/simulation/fake-clock';
import { createNotifier } from './notifier';

const alert = { name: 'Hot', source: 'a', severity: 'critical', text: 'It is hot.' } as Alert;

function start(supported = true) {
  const clock = createFakeClock();
  const shown: { title: string; body: string; urgent: boolean; onClick: () => void }[] = [];
  let opened = 0;
  const notify = createNotifier({
    clock,
    port: { supported: () => supported, show: (one) => shown.push(one) },
    nameOf: (id) => `Source ${id}`,
    openWindow: () => void opened++,
  });
  return { clock, shown, notify, opened: () => opened };
}

it('names the rule and the source; a click opens the window', () => {
  const { shown, notify, opened } = start();
  notify(alert);
  expect(shown).toMatchObject([{ title: 'Hot: Source a', body: 'It is hot.', urgent: true }]);
  shown[0]?.onClick();
  expect(opened()).toBe(1);
});

it('tells no more than a few at once, and the others together', () => {
  const { clock, shown, notify } = start();
  for (let n = 0; n < 200; n++) notify(alert);
  expect(shown).toHaveLength(5);
  clock.advance(10_000);
  expect(shown.map(({ body }) => body).at(-1)).toBe('195 more alerts were raised.');
  notify(alert);
  expect(shown).toHaveLength(7);
});

it('does nothing where the desktop has no notifications', () => {
  const { shown, notify, clock } = start(false);
  notify(alert);
  expect(shown).toEqual([]);
  expect(clock.pending()).toBe(0);
});
