import { expect, it } from 'vitest';
import { builtForElectron, isPastSupport } from './runtime';

it('hostile 14: an Electron whose support ended is known by its version', () => {
  expect(isPastSupport('25.1.1')).toBe(true);
  expect(isPastSupport('42.9.0')).toBe(true);
  expect(isPastSupport('43.0.0')).toBe(false);
  expect(isPastSupport(`${builtForElectron}.4.1`)).toBe(false);
  expect(isPastSupport(`${builtForElectron + 1}.0.0`)).toBe(false);
  expect(isPastSupport('')).toBe(true);
});
