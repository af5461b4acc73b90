import { type Recipe, recipeSchema } from '../../../../shared/recipe';
import ablySse from './ably-sse.json';
import actionCable from './action-cable.json';
import alertmanager from './alertmanager.json';
import binanceCombined from './binance-combined.json';
import centrifugo from './centrifugo.json';
import cloudevents from './cloudevents.json';
import coinbase from './coinbase.json';
import coinbaseTicker from './coinbase-ticker.json';
import genericJson from './generic-json.json';
import homeAssistant from './home-assistant.json';
import jsonRpcSubscription from './json-rpc-subscription.json';
import kraken from './kraken.json';
import kubernetesWatch from './kubernetes-watch.json';
import listPollEtag from './list-poll-etag.json';
import llmStream from './llm-stream.json';
import mastodonStream from './mastodon-stream.json';
import mercure from './mercure.json';
import ndjson from './ndjson.json';
import ntfy from './ntfy.json';
import plainSse from './plain-sse.json';
import pubnub from './pubnub.json';
import wikimediaEventstreams from './wikimedia-eventstreams.json';

const files: readonly unknown[] = [
  genericJson,
  plainSse,
  ndjson,
  listPollEtag,
  llmStream,
  cloudevents,
  jsonRpcSubscription,
  actionCable,
  centrifugo,
  ablySse,
  mercure,
  ntfy,
  pubnub,
  binanceCombined,
  coinbase,
  coinbaseTicker,
  kraken,
  homeAssistant,
  kubernetesWatch,
  alertmanager,
  mastodonStream,
  wikimediaEventstreams,
];

/** The recipes that come with the application, by name. One file each, checked by the schema like anybody's own. */
export const shippedRecipes: ReadonlyMap<string, Recipe> = new Map(
  files.map((file) => recipeSchema.parse(file)).map((recipe) => [recipe.name, recipe]),
);
