import type { Recipe } from '../../../shared/recipe';
import type { ProtocolName, RungConfig } from '../../../shared/source';
import type { Protocol } from '../core/protocol';
import { gatewayProtocol } from './gateway';
import { nchanProtocol } from './nchan';
import { createPrometheusProtocol } from './prometheus/prometheus';
import { createTalks } from './recipe/conversation';
import { createRecipeProtocol } from './recipe/recipe-protocol';
import { recordingProtocol } from './recording';

/** What a protocol is made for. */
interface Making {
  /** It tells what a generic feed can promise. */
  readonly ladder: readonly RungConfig[];
  /** How the feed is read, asked and spoken to; null: as is guessed. */
  readonly recipe: Recipe | null;
}

/** Every protocol there is: one line each. */
const protocols: Record<ProtocolName, (making: Making) => Protocol> = {
  gateway: () => gatewayProtocol,
  json: ({ ladder, recipe }) => createRecipeProtocol(recipe, ladder),
  nchan: () => nchanProtocol,
  prometheus: () => createPrometheusProtocol(),
  recording: () => recordingProtocol,
};

/** The protocol of a source. */
export function protocolOf({
  protocol,
  ladder,
  recipe,
}: {
  readonly protocol: ProtocolName;
  readonly ladder: readonly RungConfig[];
  readonly recipe?: Recipe | undefined;
}): Protocol {
  const made = protocols[protocol]({ ladder, recipe: recipe ?? null });
  return recipe ? speaking(made, recipe) : made;
}

/** Whatever a feed's protocol is, a recipe may say what is said to it. */
function speaking(made: Protocol, recipe: Recipe): Protocol {
  const talks = createTalks(recipe);
  const first = recipe.resume?.kind === 'message' ? recipe.resume.first : '';
  return {
    ...made,
    ...(talks ? { converse: (_rung, resume) => talks(resume?.token ?? first) } : {}),
    ...(recipe.ask.post?.billed ? { billed: true } : {}),
  };
}
