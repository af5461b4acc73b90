import { useEffect, useState } from 'react';

/** Who waits to be drawn for the first time, in order. */
const waiting = new Set<() => void>();
let asked = false;

function ask(): void {
  if (asked || waiting.size === 0) return;
  asked = true;
  // Behind the paint of a frame: what answers a click is on the screen before.
  requestAnimationFrame(() =>
    setTimeout(() => {
      asked = false;
      const [first] = waiting;
      if (first) {
        waiting.delete(first);
        first();
      }
      ask();
    }),
  );
}

/**
 * False until it is the turn of what asks, then true: what costs much to draw for the first time is drawn one a frame, behind
 * the paint of all that stands around it. Drawn together the charts of a page hold up the answer to the click that opened it.
 */
export function useTurn(): boolean {
  const [turn, setTurn] = useState(false);
  useEffect(() => {
    const take = (): void => setTurn(true);
    waiting.add(take);
    ask();
    return () => void waiting.delete(take);
  }, []);
  return turn;
}
