import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recipeSchema } from '../../../shared/recipe';
import { recipeText } from '../../../shared/recipe-text';
import { weatherDescriptors } from '../../engine/protocols/body-encodings/testing/weather';
import { readRecipeFile } from '../../node/recipe-file';
import { createRecipeDesk } from './recipe-desk';

const recipe = recipeSchema.parse({ name: 'own', title: 'Own', read: { time: 'E' } });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'recipes-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A desk whose dialog answers with a file that holds this text. */
function deskFor(text: string | null) {
  const path = join(folder, 'chosen.json');
  if (text !== null) writeFileSync(path, text);
  const written: string[] = [];
  const desk = createRecipeDesk({
    shipped: new Map([['own', recipe]]),
    open: async () => (text === null ? null : readRecipeFile(path)),
    openDescriptors: async () => (text === null ? null : Buffer.from(text, 'base64')),
    async save(proposed, what) {
      written.push(what);
      return proposed;
    },
  });
  return { desk, written };
}

describe('the recipe desk', () => {
  it('tells the recipes that come with the application', () => {
    expect(deskFor(null).desk.list()).toEqual([recipe]);
  });

  it('writes a recipe to a file named after it, and reads the same from it', async () => {
    const { desk, written } = deskFor(null);
    expect(await desk.write(recipe)).toBe('own.json');
    expect(await deskFor(written[0] ?? '').desk.read()).toEqual(recipe);
  });

  it('answers with nothing when no file was chosen', async () => {
    expect(await deskFor(null).desk.read()).toBeNull();
  });

  it('says which fields of a chosen file are wrong', async () => {
    const { desk } = deskFor(recipeText(recipe).replace('"time": "E"', '"time": 5'));
    await expect(desk.read()).rejects.toMatchObject({
      error: { kind: 'refused', message: 'read.time: It has to be of type string.' },
    });
  });

  it('says which patterns of a chosen file would never match', async () => {
    const classes = [{ when: [{ matches: '(?=a)b' }], is: 'life' }];
    const { desk } = deskFor(JSON.stringify({ wirewatch: 'recipe/1', name: 'own', title: 'Own', classes }));
    await expect(desk.read()).rejects.toMatchObject({
      error: { kind: 'refused', message: expect.stringMatching(/^classes\.0\.when\.0\.matches: Not a pattern of RE2/) },
    });
  });

  it('takes no file that is too large to be one', async () => {
    const { desk } = deskFor(' '.repeat(600 * 1024));
    await expect(desk.read()).rejects.toMatchObject({
      error: { kind: 'refused', message: expect.stringMatching(/too large/) },
    });
  });

  it('reads a descriptor set that a person chooses, tells its messages, and refuses what is none', async () => {
    const { desk } = deskFor(weatherDescriptors);
    expect(await desk.describe()).toBe(weatherDescriptors);
    expect(desk.messages(weatherDescriptors).slice(0, 2)).toEqual(['weather.Reading', 'weather.Reading.Place']);
    expect(desk.messages('AAAA')).toEqual([]);
    expect(await deskFor(null).desk.describe()).toBeNull();
    await expect(deskFor('AAAA').desk.describe()).rejects.toMatchObject({
      error: { kind: 'refused', message: expect.stringMatching(/^Not a descriptor set\./) },
    });
  });

  it('shows one dialog at a time', async () => {
    const { desk } = deskFor(recipeText(recipe));
    const first = desk.read();
    await expect(desk.write(recipe)).rejects.toMatchObject({ error: { kind: 'refused' } });
    expect(await first).toEqual(recipe);
    expect(await desk.write(recipe)).toBe('own.json');
  });
});
