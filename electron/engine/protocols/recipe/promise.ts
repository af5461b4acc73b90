import type { Recipe } from '../../../../shared/recipe';

/** What a feed without numbers and without a place to go on from can keep. */
export const withoutPlace =
  'In order of arrival, as the feed sends it: what it sends again on a new connection or a later page is shown again. It has no numbers, so what a break cost cannot be known and is shown as a gap.';

const behindIds =
  'In order. After a break it goes on behind the last id, where the feed has ids; where it has none, what a break cost cannot be known and is shown as a gap.';

/** What order and loss detection a feed allows, in one sentence for people. `resumable`: it can be asked to go on behind a place. */
export function promiseOf(recipe: Recipe | null, resumable: boolean): string {
  if (recipe?.promise) return recipe.promise;
  if (recipe?.list) return ofThings(recipe.list.endsWhenGone);
  const { numbering = 'none', uniqueIds = false } = recipe?.read ?? {};
  if (recipe === null || (numbering === 'none' && !uniqueIds && recipe.resume === undefined)) {
    return resumable ? behindIds : withoutPlace;
  }
  const posts = recipe.ask.post?.billed === true || recipe.ask.once === true;
  return [orderOf(numbering), lossOf(numbering, resumable), repeatsOf(numbering, uniqueIds), posts ? billed : '']
    .filter((part) => part !== '')
    .join(' ');
}

const billed = 'An answer that has ended on purpose is not asked for again by itself.';

function ofThings(ends: boolean): string {
  const end = ends ? ', and that it has ended once it is no longer in the list' : '';
  return `Of each thing in the list it is told that it is new, that it has changed${end}. What came and went between two answers is not seen.`;
}

function orderOf(numbering: Recipe['read']['numbering']): string {
  switch (numbering) {
    case 'contiguous':
    case 'rising':
      return 'In order, by the feed’s own numbers.';
    case 'none':
      return 'In order of arrival.';
  }
}

function lossOf(numbering: Recipe['read']['numbering'], resumable: boolean): string {
  const goesOn = 'After a break it goes on where it was';
  if (numbering === 'contiguous') {
    return resumable
      ? `${goesOn}; what the feed no longer has is shown as a gap with both its ends.`
      : 'It cannot be asked again: what is missing is shown as a gap with both its ends.';
  }
  if (resumable)
    return `${goesOn}; what the feed no longer had then cannot be counted, and shows only where the feed says so.`;
  return 'It cannot go on where it was, and what a break cost cannot be known: it is shown as a gap.';
}

function repeatsOf(numbering: Recipe['read']['numbering'], uniqueIds: boolean): string {
  return numbering !== 'none' || uniqueIds ? 'None twice.' : 'What the feed sends again is shown again.';
}
