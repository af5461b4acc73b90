import type { Recipe } from '../../../shared/recipe';
import { sealedText } from '../../../shared/sealed-text';
import { isPlaceOfSecret, secretsIn } from '../../../shared/secret-places';
import { replaceSecrets } from '../../../shared/secret-words';
import { sealedSpeak } from './seal-speak';

type Put = (field: string) => (value: string) => string;

/** A recipe with places for the secrets that were typed into it. `sealWord`: of a subprotocol, behind the one before. */
export function sealedRecipe(
  recipe: Recipe,
  put: Put,
  sealWord: (word: string, before: string | undefined, put: (value: string) => string) => string,
): Recipe {
  const { variables, talk, ask, snapshot, speak } = recipe;
  const text = (said: string, field: string) => sealedText(said, put(field));
  return {
    ...recipe,
    variables: variables.map((one, at) => {
      const typed = one.secret && one.value !== '' && !isPlaceOfSecret(one.value);
      return typed ? { ...one, value: put(`recipe.variables.${at}.value`)(one.value) } : one;
    }),
    talk: {
      open: talk.open.map((step, at) => ({ ...step, send: sealedStep(step, put(`recipe.talk.open.${at}.send`)) })),
      every: talk.every.map((one, at) => ({ ...one, send: text(one.send, `recipe.talk.every.${at}.send`) })),
      answers: talk.answers.map((one, at) => ({ ...one, send: text(one.send, `recipe.talk.answers.${at}.send`) })),
    },
    ask: {
      ...ask,
      subprotocols: ask.subprotocols.map((word, at, all) =>
        sealWord(word, all[at - 1], put(`recipe.ask.subprotocols.${at}`)),
      ),
      ...(ask.post ? { post: { ...ask.post, body: text(ask.post.body, 'recipe.ask.post.body') } } : {}),
    },
    ...(speak === undefined ? {} : { speak: sealedSpeak(speak, put) }),
    ...(snapshot === undefined ? {} : { snapshot: replaceSecrets(snapshot, put('recipe.snapshot')) }),
  };
}

/** A message that is a login, and names nothing that is kept elsewhere, is a secret as a whole. */
function sealedStep({ send, login }: Recipe['talk']['open'][number], put: (value: string) => string): string {
  const sealed = sealedText(send, put);
  const told = secretsIn(sealed).length > 0 || /\{\{\w+\}\}/.test(sealed);
  return login && !told ? put(sealed) : sealed;
}
