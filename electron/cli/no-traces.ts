import { recipeSchema } from '../../shared/recipe';
import type { SourceConfig } from '../../shared/source';
import { speakSchema } from '../../shared/speak';
import { saidInTerminal } from './feed-options';

/**
 * The same source, leaving nothing with a broker once the terminal ends: it would keep messages for a client that never comes
 * back. `keeps`: somebody asked for that, by name.
 */
export function leavingNothing(config: SourceConfig, keeps = false): SourceConfig {
  if (config.protocol !== 'mqtt' || keeps) return config;
  const told =
    config.recipe?.speak?.protocol === 'mqtt' ? config.recipe.speak : speakSchema.parse({ protocol: 'mqtt' });
  const own = config.recipe ?? recipeSchema.parse({ name: saidInTerminal, title: 'As said in the terminal' });
  return { ...config, recipe: { ...own, speak: { ...told, keepSession: false } as typeof own.speak } };
}
