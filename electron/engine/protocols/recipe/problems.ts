import type { FieldError } from '../../../../shared/errors';
import type { Condition, Recipe } from '../../../../shared/recipe';
import { messageNames, readDescriptors } from '../body-encodings/descriptors';
import { ownPlaces, placesIn } from './filled';
import { compilePattern } from './pattern';

/** So much is said of what is wrong. */
const mostProblems = 12;

const none: ReadonlySet<string> = new Set();

/**
 * What no schema sees: a pattern that is none, or could keep everybody waiting, would never match, and a variable that
 * there is not would be sent as its name. With the fields named.
 */
export function recipeProblems(recipe: Recipe): readonly FieldError[] {
  const problems: FieldError[] = [];
  for (const [field, { matches }] of conditionsOf(recipe)) {
    if (matches === undefined || compilePattern(matches) !== null) continue;
    problems.push({
      field: `${field}.matches`,
      message: 'Not a pattern of RE2, or too large a one.',
      fix: 'It has no references back and no lookaround; keep its repetitions small.',
    });
  }
  const names = new Set(recipe.variables.map(({ name }) => name));
  const texts = [
    ...sentTexts(recipe).map((text) => [...text, ownPlaces] as const),
    ...plainTexts(recipe).map((text) => [...text, none] as const),
  ];
  for (const [field, text, own] of texts) {
    for (const name of placesIn(text)) {
      // What begins with a dot is taken from the message that is answered; what is no word is the feed's own.
      if (own.has(name) || names.has(name) || !/^[a-z][a-z0-9_]*$/i.test(name)) continue;
      const fix = 'Add it to the variables, or write what is to be sent.';
      problems.push({ field, message: `There is no variable ${name}.`, fix });
    }
  }
  return [...problems, ...descriptorProblems(recipe)].slice(0, mostProblems);
}

/** Bodies of Protobuf that nothing describes: they would all stay hex. */
function descriptorProblems({ read: { descriptors, encodings } }: Recipe): readonly FieldError[] {
  const makes = 'Make one with protoc --include_imports --descriptor_set_out.';
  const set = descriptors === undefined ? null : readDescriptors(descriptors);
  if (set?.ok === false) return [{ field: 'read.descriptors', message: set.why, fix: makes }];
  const names = new Set(set === null ? [] : messageNames(set));
  return encodings.flatMap(({ as, message }, at): readonly FieldError[] => {
    if (as !== 'protobuf') return [];
    if (set === null) {
      return [
        { field: 'read.descriptors', message: 'Protobuf is read by a descriptor set: there is none.', fix: makes },
      ];
    }
    const field = `read.encodings.${at}.message`;
    const some = [...names].slice(0, 5).join(', ').slice(0, 300);
    if (message === undefined)
      return [{ field, message: 'Which message it is has to be said.', fix: `As in ${some}.` }];
    if (names.has(message)) return [];
    return [{ field, message: `The descriptors have no message ${message}.`, fix: `They have ${some}.` }];
  });
}

type Fielded<Value> = readonly (readonly [string, Value])[];

function conditionsOf({ classes, talk }: Recipe): Fielded<Condition> {
  const all = (field: string, conditions: readonly Condition[] = []): Fielded<Condition> =>
    conditions.map((condition, at) => [`${field}.${at}`, condition]);
  return [
    ...classes.flatMap(({ when }, at) => all(`classes.${at}.when`, when)),
    ...talk.open.flatMap(({ after, expect, refused }, at) => [
      ...all(`talk.open.${at}.after`, after),
      ...all(`talk.open.${at}.expect`, expect),
      ...all(`talk.open.${at}.refused`, refused),
    ]),
    ...talk.answers.flatMap(({ when }, at) => all(`talk.answers.${at}.when`, when)),
  ];
}

/** Texts that hold what a message of a session can hold. */
function sentTexts({ talk, ask }: Recipe): Fielded<string> {
  const sent = (field: string, steps: readonly { readonly send: string }[]): Fielded<string> =>
    steps.map(({ send }, at) => [`${field}.${at}.send`, send]);
  return [
    ...sent('talk.open', talk.open),
    ...sent('talk.every', talk.every),
    ...sent('talk.answers', talk.answers),
    ...(ask.post ? [['ask.post.body', ask.post.body] as const] : []),
  ];
}

/** Texts that hold nothing but variables: they are the same in every session. */
function plainTexts({ snapshot, speak }: Recipe): Fielded<string> {
  return [...stringsIn('snapshot', snapshot), ...stringsIn('speak', speak)];
}

function stringsIn(field: string, value: unknown): Fielded<string> {
  if (typeof value === 'string') return [[field, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => stringsIn(`${field}.${name}`, inner));
}
