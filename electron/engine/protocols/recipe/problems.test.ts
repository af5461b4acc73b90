import { expect, it } from 'vitest';
import { recipeSchema } from '../../../../shared/recipe';
import { weatherDescriptors } from '../body-encodings/testing/weather';
import { shippedRecipes } from '../recipes/shipped';
import { recipeProblems } from './problems';

const fieldsOf = (recipe: object) =>
  recipeProblems(recipeSchema.parse({ name: 'mine', title: 'Mine', ...recipe })).map(({ field }) => field);

it.each(['(a)\\1', '(?=a)b', '((a{0,999}){0,999}){0,999}', 'a{0,1000}a{0,1000}$', '('])(
  'a pattern that would never match (%s) is named with its field',
  (matches) => {
    expect(fieldsOf({ classes: [{ when: [{ path: 'a', exists: true }, { matches }], is: 'life' }] })).toEqual([
      'classes.0.when.1.matches',
    ]);
    expect(fieldsOf({ talk: { open: [{ send: 'x', refused: [{ matches }] }] } })).toEqual([
      'talk.open.0.refused.0.matches',
    ]);
  },
);

it('a variable that there is not is named, and not sent as its name', () => {
  const variables = [{ name: 'token', title: 'Token' }];
  expect(fieldsOf({ variables, talk: { open: [{ send: '{{token}} {{n}} {{now}} {{cursor}}' }] } })).toEqual([]);
  expect(fieldsOf({ variables, talk: { every: [{ seconds: 5, send: '{{nope}}' }] } })).toEqual(['talk.every.0.send']);
  expect(fieldsOf({ ask: { post: { body: '{"q":"{{nope}}"}' } } })).toEqual(['ask.post.body']);
  // What is told once is the same in every session: it has no number, no time and no place.
  expect(fieldsOf({ variables, snapshot: '/s?t={{token}}&n={{n}}' })).toEqual(['snapshot']);
  const topics = ['a/{{token}}', 'b/{{nope}}', 'c/{{now}}'];
  expect(fieldsOf({ variables, speak: { protocol: 'mqtt', topics } })).toEqual(['speak.topics.1', 'speak.topics.2']);
  // GraphQL and templates of the feed's own have such braces as well.
  expect(fieldsOf({ talk: { answers: [{ when: [{ is: 'x' }], send: '{{.id}} {{ a b }}' }] } })).toEqual([]);
});

it('bodies of Protobuf that nothing describes are named, with what there is', () => {
  const ofRead = (read: object) => recipeProblems(recipeSchema.parse({ name: 'mine', title: 'Mine', read }));
  const reading = { as: 'protobuf', message: 'weather.Reading' };
  expect(ofRead({ descriptors: weatherDescriptors, encodings: [reading] })).toEqual([]);
  expect(ofRead({ encodings: [reading] })).toMatchObject([
    { field: 'read.descriptors', message: expect.stringMatching(/none/) },
  ]);
  expect(ofRead({ descriptors: 'AAAA' })).toMatchObject([
    { field: 'read.descriptors', message: 'Not a descriptor set.' },
  ]);
  const others = [{ as: 'hex' }, { as: 'protobuf', message: 'weather.Nothing' }, { as: 'protobuf' }];
  expect(ofRead({ descriptors: weatherDescriptors, encodings: others })).toMatchObject([
    { field: 'read.encodings.1.message', message: 'The descriptors have no message weather.Nothing.' },
    {
      field: 'read.encodings.2.message',
      fix: expect.stringMatching(/^As in weather\.Reading, weather\.Reading\.Place/),
    },
  ]);
});

it('those that come along have none', () => {
  for (const recipe of shippedRecipes.values()) expect(recipeProblems(recipe)).toEqual([]);
});
