import { shippedRecipes } from '../../electron/engine/protocols/recipes/shipped';
import { endAll } from '../../electron/engine/source/testing/other-feed';
import { ablySse } from './feeds/ably-sse';
import { actionCable } from './feeds/action-cable';
import { binanceCombined } from './feeds/binance-combined';
import { centrifugo } from './feeds/centrifugo';
import { cloudevents } from './feeds/cloudevents';
import { coinbase, coinbaseTicker } from './feeds/coinbase';
import { genericJson } from './feeds/generic-json';
import { homeAssistant } from './feeds/home-assistant';
import { jsonRpcSubscription } from './feeds/json-rpc-subscription';
import { kraken } from './feeds/kraken';
import { kubernetesWatch } from './feeds/kubernetes-watch';
import { alertmanager, listPollEtag } from './feeds/lists';
import { llmStream } from './feeds/llm-stream';
import { mastodonStream } from './feeds/mastodon-stream';
import { mercure } from './feeds/mercure';
import { ndjson } from './feeds/ndjson';
import { ntfy } from './feeds/ntfy';
import { plainSse } from './feeds/plain-sse';
import { pubnub } from './feeds/pubnub';
import { wikimediaEventstreams } from './feeds/wikimedia-eventstreams';
import type { Trials } from './kit';

const all: readonly Trials[] = [
  genericJson,
  plainSse,
  ndjson,
  listPollEtag,
  llmStream,
  binanceCombined,
  homeAssistant,
  kubernetesWatch,
  mastodonStream,
  alertmanager,
  ablySse,
  actionCable,
  centrifugo,
  cloudevents,
  jsonRpcSubscription,
  kraken,
  mercure,
  ntfy,
  pubnub,
  wikimediaEventstreams,
  coinbase,
  coinbaseTicker,
];

/**
 * `npm run test:recipes`: every recipe that comes with the application against a server of its own that does what the
 * feed's documentation says: a sign of life, a planned end, an error, a break. Over real sockets, through the real engine.
 * Where the vendor's own client can be had, it has to work against that server as well.
 * `--only NAME` tries one recipe.
 */
async function main(): Promise<void> {
  const only = process.argv.includes('--only') ? process.argv[process.argv.indexOf('--only') + 1] : undefined;
  const chosen = all.filter(({ recipe }) => only === undefined || recipe === only);
  let cases = 0;
  let failed = 0;
  for (const trials of chosen) {
    const began = performance.now();
    const clients: readonly Trial[] = trials.client ? [['vendor’s client', trials.client]] : [];
    const verdicts = await Promise.all([...clients, ...Object.entries(trials.cases)].map(tried));
    await endAll();
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    for (const { name, problem } of verdicts) {
      cases += 1;
      if (problem !== null) failed += 1;
      console.log(
        `${problem === null ? 'ok  ' : 'FAIL'} ${trials.recipe}, ${name}${problem === null ? '' : `: ${problem}`}`,
      );
    }
    console.log(`     ${trials.recipe} took ${seconds} s`);
  }
  for (const name of only === undefined ? shippedRecipes.keys() : []) {
    if (chosen.some(({ recipe }) => recipe === name)) continue;
    failed += 1;
    console.log(`FAIL ${name}: no server tries it`);
  }
  console.log(`recipes: ${chosen.length} recipes, ${cases} cases, ${failed} failed`);
  process.exitCode = failed === 0 && cases > 0 ? 0 : 1;
}

type Trial = readonly [string, () => Promise<void>];

async function tried([name, run]: Trial) {
  try {
    await run();
    return { name, problem: null };
  } catch (error) {
    return { name, problem: error instanceof Error ? error.message : String(error) };
  }
}

void main().then(() => process.exit());
