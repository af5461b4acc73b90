import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright';
import { windowOf } from '../../e2e/pages/window';
import { drive } from '../application/application';
import type { Bench, BenchContext, BenchResult } from '../bench';
import { percentile, round } from '../bench';
import { sharesBetween, usageOf } from '../many/threads';
import type { FromServer } from './server';

export const uiBench: Bench = {
  name: 'ui',
  about: 'frames and answers to a person of every tab of the built application, at full rate',
  run,
};

const tabs = ['Health', 'Metrics', 'Events', 'State', 'Timeline', 'Frames'] as const;

interface Seen {
  readonly place: string;
  /** Time between frames, 95th percentile, ms. */
  readonly frameP95: number;
  /** From a click or a key to the next paint, ms. */
  readonly inputs: readonly number[];
}

async function run({ option, say }: BenchContext): Promise<BenchResult> {
  const sources = option('sources', 20);
  const eps = option('eps', 20_000);
  const seconds = option('seconds', 6);
  const folder = mkdtempSync(join(tmpdir(), 'bench-ui-'));
  const child = fork(fileURLToPath(new URL('./server.ts', import.meta.url)), [String(eps / sources)], {
    execArgv: ['--import', 'tsx'],
  });
  const [{ url }] = (await once(child, 'message')) as [FromServer];
  const driven = await drive(join(folder, 'data'));
  const { page } = driven;
  try {
    for (let index = 0; index < sources; index += 1) {
      await driven.call('sources.add', { name: `Service ${index}`, url: `${url}/v1/s${index}`, protocol: 'gateway' });
    }
    await wait(5_000);
    await watchInputs(page);
    const before = usageOf(driven.pid, driven.pagePid);
    const seen: Seen[] = [await look(page, 'Overview', seconds)];
    // The end-to-end tests' own words for the window, so that one that is renamed cannot go unseen here.
    const { overview, source } = windowOf(page);
    await overview.link('Service 0').click();
    for (const tab of tabs) {
      await source.tab(tab);
      if (tab === 'Events') await typeIntoFilter(page);
      seen.push(await look(page, tab, seconds));
    }
    await page
      .getByRole('navigation', { name: 'Main' })
      .getByRole('link', { name: /^Alerts/ })
      .click();
    seen.push(await look(page, 'Alerts', seconds));
    const shares = sharesBetween(driven.pid, before, usageOf(driven.pid, driven.pagePid));
    for (const { place, frameP95, inputs } of seen) {
      say(
        `  ${place.padEnd(9)} frame p95 ${round(frameP95)} ms, inputs ${inputs.map((ms) => round(ms, 0)).join(', ')}`,
      );
    }
    const worst = seen.reduce((a, b) => (b.frameP95 > a.frameP95 ? b : a));
    const inputs = seen.flatMap((one) => one.inputs);
    return {
      figures: {
        worst_frame_p95_ms: round(worst.frameP95),
        worst_tab: worst.place,
        input_p95_ms: round(percentile(inputs, 0.95)),
        inputs: inputs.length,
        renderer_share: round(shares.renderer, 3),
        main_share: round(shares.main, 3),
        eps,
        sources,
      },
      notes: [
        'frames: time between animation frames while a tab is open, the worst tab by its 95th percentile',
        'input: from the event of a click on a tab or a key in the filter to the next paint (Event Timing; below 16 ms counts as 16)',
      ],
    };
  } finally {
    await driven.app.close().catch(() => undefined);
    child.disconnect();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Collects what Event Timing says of clicks and keys (W3C Event Timing: duration until the next paint, in steps of 8 ms). */
function watchInputs(page: Page): Promise<void> {
  return page.evaluate(() => {
    const inputs: { name: string; ms: number }[] = [];
    Object.assign(window, { benchInputs: inputs });
    const options: PerformanceObserverInit & { durationThreshold: number } = {
      type: 'event',
      durationThreshold: 16,
    };
    new PerformanceObserver((list) => {
      for (const { name, duration } of list.getEntries()) inputs.push({ name, ms: duration });
    }).observe(options);
  });
}

async function look(page: Page, place: string, seconds: number): Promise<Seen> {
  const frames = await page.evaluate<number[]>(framesFor(seconds * 1000));
  const taken = await page.evaluate(() => {
    const { benchInputs } = window as unknown as { benchInputs: { name: string; ms: number }[] };
    return benchInputs.splice(0);
  });
  const slow = taken.filter(({ name }) => name === 'click' || name === 'keydown').map(({ ms }) => ms);
  return { place, frameP95: percentile(frames, 0.95), inputs: slow.length > 0 ? slow : [16] };
}

/** A script, not a function: what compiles this file names functions in a way that a page does not know. */
function framesFor(ms: number): string {
  return `new Promise((done) => {
    const gaps = [];
    let last = performance.now();
    const end = last + ${ms};
    requestAnimationFrame(function frame() {
      const now = performance.now();
      gaps.push(now - last);
      last = now;
      if (now < end) requestAnimationFrame(frame);
      else done(gaps);
    });
  })`;
}

async function typeIntoFilter(page: Page): Promise<void> {
  const field = page
    .getByRole('searchbox')
    .or(page.getByRole('textbox', { name: /filter/i }))
    .first();
  await field.click();
  await field.pressSequentially('web-7', { delay: 150 });
  await wait(1_000);
  await field.fill('');
}
