import type { SourceConfig } from '../../../shared/source';
import { parseUrl } from '../../../shared/url';
import { filled, firstCursor } from '../../engine/protocols/recipe/filled';

/** What a person is asked before a source asks its feed by a POST: that may change something, or cost something. */
export interface PostQuestion {
  /** Name of the source. */
  readonly source: string;
  /** With its variables in it; what is secret stays a place. */
  readonly body: string;
  /** Where it goes. */
  readonly to: readonly string[];
  /** Each answer may be billed. */
  readonly billed: boolean;
}

/** What a source would post, and one text for what is agreed to with it; null where it posts nothing. */
export function postOf({
  name,
  ladder,
  recipe,
}: SourceConfig): { readonly question: PostQuestion; readonly key: string } | null {
  const post = recipe?.ask.post;
  const to = [...new Set(ladder.flatMap(({ transport, url }) => (transport === 'websocket' ? [] : [url])))];
  if (!recipe || !post || to.length === 0) return null;
  const body = filled(post.body, recipe, { cursor: firstCursor(recipe) });
  const origins = [...new Set(to.map((url) => parseUrl(url)?.origin ?? url))].sort();
  return {
    question: { source: name, body, to, billed: post.billed },
    key: JSON.stringify([origins, body, post.contentType]),
  };
}

/** The source as far as nothing is posted for it. */
export function withoutPost(config: SourceConfig): SourceConfig {
  const { recipe } = config;
  if (!recipe?.ask.post) return config;
  const { post: _post, ...ask } = recipe.ask;
  return { ...config, recipe: { ...recipe, ask } };
}
