import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readExposition } from '../../electron/engine/protocols/prometheus/exposition';
import { metricsPage } from '../fixtures/metrics';
import { hasPrometheus } from './kit/installed';
import { type Prometheus, promtoolSays, startPrometheus } from './kit/prometheus';
import { pause, startWatch, storyOf, type Watch } from './kit/watch';

interface Metadata {
  readonly metric: string;
  readonly type: string;
  readonly help: string;
}

describe.skipIf(!hasPrometheus)('Prometheus', () => {
  let prometheus: Prometheus;
  let watch: Watch;

  beforeAll(async () => {
    prometheus = await startPrometheus();
    watch = startWatch();
  });
  afterAll(async () => {
    await watch?.close();
    await prometheus?.close();
  });

  it('is scraped as it scrapes itself: the same families, of the same types, with the same number of samples', async () => {
    const source = await watch.add({
      protocol: 'prometheus',
      ladder: [{ transport: 'poll', url: `${prometheus.url}/metrics` }],
    });
    await source.untilLive('poll');
    // Its own page grows with what it is asked for: a few scrapes make both the same.
    const own = async () => ((await prometheus.api('targets/metadata?limit=5000')) ?? []) as readonly Metadata[];
    const known = new Map<string, string>();
    const read = () => {
      for (const { type, body } of source.events) {
        const family = JSON.parse(String(body)) as { readonly type: string; readonly help?: string };
        known.set(type, `${family.type} ${family.help ?? ''}`);
      }
      return known;
    };
    let told: readonly Metadata[] = [];
    for (let tries = 0; tries < 30 && (told.length === 0 || read().size !== told.length); tries += 1) {
      await pause(500);
      told = await own();
    }
    expect(told.length, storyOf(source)).toBeGreaterThan(100);
    expect(Object.fromEntries(read())).toEqual(
      Object.fromEntries(told.map(({ metric, type, help }) => [metric, `${type} ${help}`])),
    );
    // Each question to its API is a sample more on its own page.
    let page = '';
    let [mine, theirs] = [0, -1];
    for (let tries = 0; tries < 15 && mine !== theirs; tries += 1) {
      await pause(1_100);
      theirs = await scraped();
      page = await (await fetch(`${prometheus.url}/metrics`)).text();
      mine = samplesOn(page);
    }
    expect(mine).toBe(theirs);
    expect(promtoolSays(page)).toBe('');
  });

  /** Samples that it took itself in its last scrape. */
  async function scraped(): Promise<number> {
    const { result } = (await prometheus.api('query?query=scrape_samples_scraped')) as {
      readonly result: readonly { readonly value: readonly [number, string] }[];
    };
    return Number(result[0]?.value[1]);
  }

  function samplesOn(page: string): number {
    const read = readExposition(page, 'text');
    return read.ok ? read.families.reduce((sum, { samples }) => sum + samples.length, 0) : 0;
  }

  it.each([
    ['a page of ours', metricsPage(100)],
    ['blanks and escapes', 'a { x = "1\\n\\"\\\\" , } 1 3\nb NaN\nc +Inf\nd -Inf\ne .5\nf 5.\ng -1E+3\n'],
    ['a hexadecimal number', 'a 0x1p-2\n'],
    ['a value that is none', 'a 1x\n'],
    ['a label without an end', 'a{x="1} 1\n'],
    ['a label twice', 'a{x="1",x="2"} 1\n'],
    ['something behind the time', 'a 1 2 3\n'],
    ['a type that is none', '# TYPE a wrong\na 1\n'],
    ['a name that is none', '9a 1\n'],
  ])('reads what promtool reads, and refuses what it refuses: %s', (_, page) => {
    expect(readExposition(page, 'text').ok).toBe(promtoolSays(page) === '');
  });
});
