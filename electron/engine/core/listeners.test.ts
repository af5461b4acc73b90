import { describe, expect, it } from 'vitest';
import { createListeners } from './listeners';

function recording() {
  const errors: unknown[] = [];
  const said: string[] = [];
  const listeners = createListeners<[string]>((error) => errors.push(error));
  return { listeners, errors, said };
}

describe('listeners', () => {
  it('go on after one that throws, and report what it threw', () => {
    const { listeners, errors, said } = recording();
    const wrong = new Error('of this listener');
    listeners.subscribe(() => {
      throw wrong;
    });
    listeners.subscribe((text) => said.push(text));
    listeners.tell('a');
    expect(said).toEqual(['a']);
    expect(errors).toEqual([wrong]);
  });

  it('are not called once they have unsubscribed, not even by another listener of the same call', () => {
    const { listeners, said } = recording();
    listeners.subscribe(() => off());
    const off = listeners.subscribe((text) => said.push(text));
    listeners.tell('a');
    listeners.tell('b');
    expect(said).toEqual([]);
  });

  it('that come during a call are told from the next one on', () => {
    const { listeners, said } = recording();
    const first = listeners.subscribe(() => {
      first();
      listeners.subscribe((text) => said.push(text));
    });
    listeners.tell('a');
    expect(said).toEqual([]);
    listeners.tell('b');
    expect(said).toEqual(['b']);
  });

  it('that are one function are told as often as it subscribed', () => {
    const { listeners, said } = recording();
    const listener = (text: string) => said.push(text);
    const off = listeners.subscribe(listener);
    listeners.subscribe(listener);
    listeners.tell('a');
    off();
    listeners.tell('b');
    expect(said).toEqual(['a', 'a', 'b']);
  });
});
