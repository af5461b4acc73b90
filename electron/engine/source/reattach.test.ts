import { expect, it } from 'vitest';
import { sayReason } from '../../../shared/reasons';
import { whyAgain } from './reattach';

it('promise 9: a new attach says why in words: first that the way may be dead, then that the place is not known', () => {
  expect(sayReason('reattach', { why: whyAgain({ kind: 'resume-silent' }) }).text).toBe(
    'Attaching again: nothing came after our place though there is something newer, and the way may be dead.',
  );
  expect(sayReason('reattach', { why: whyAgain({ kind: 'resume-unknown' }) }).text).toBe(
    'Attaching again: the server does not know our place.',
  );
});
