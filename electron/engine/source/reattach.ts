import type { ReattachReason } from '../delivery/contract';

const words: Readonly<Record<ReattachReason['kind'], string>> = {
  'other-epoch': 'the feed has begun a new numbering',
  'journal-paused': 'what could not be stored is fetched again',
  'resume-silent': 'nothing came after our place though there is something newer, and the way may be dead',
  'resume-unknown': 'the server does not know our place',
};

/** Why delivery wants a new attach, for the sentence of the transition. */
export function whyAgain({ kind }: ReattachReason): string {
  return words[kind];
}
