import { type Recipe, recipeSchema } from '../../../../shared/recipe';
import alertmanager from './alertmanager.json';
import binanceCombined from './binance-combined.json';
import genericJson from './generic-json.json';
import homeAssistant from './home-assistant.json';
import kubernetesWatch from './kubernetes-watch.json';
import listPollEtag from './list-poll-etag.json';
import llmStream from './llm-stream.json';
import mastodonStream from './mastodon-stream.json';
import ndjson from './ndjson.json';
import plainSse from './plain-sse.json';

const files: readonly unknown[] = [
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
];

/** The recipes that come with the application, by name. One file each, checked by the schema like anybody's own. */
export const shippedRecipes: ReadonlyMap<string, Recipe> = new Map(
  files.map((file) => recipeSchema.parse(file)).map((recipe) => [recipe.name, recipe]),
);
