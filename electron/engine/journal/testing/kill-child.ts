import { bootMs, monotonicMs, wallMs } from '../../core/clock';
import { createJournal } from '../journal';
import { wholeEntry } from '../whole';
import { openThread } from '../workers';

/** Run as a process of its own by the kill test: appends without end and says which entry is durable. */
const [folder = '', worker = '', first = '0'] = process.argv.slice(-3);

const journal = createJournal({
  openWorker: () => openThread(worker),
  folder,
  clock: {
    now: () => monotonicMs(performance.now()),
    wall: () => wallMs(Date.UTC(2026, 0, 1, 12)),
    uptime: () => bootMs(0),
    after(ms, callback) {
      const timer = setTimeout(callback, ms);
      return { cancel: () => clearTimeout(timer) };
    },
  },
});

let next = Number(first);
let wait = false;
journal.onPressure((pressure) => {
  wait = pressure === 'wait';
});
journal.onCommitted((_, number) => process.stdout.write(`${number}\n`));
setInterval(() => {
  for (let turn = 0; turn < 5 && !wait; turn++) wait = journal.append(wholeEntry('a', next++)) === 'wait';
}, 5);
