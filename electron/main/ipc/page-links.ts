import type { Interest, UpdateBatch } from '../../../shared/ipc';
import type { Relay, RelayLink } from '../../engine/relay/relay';

/** The relay's links by page. A page that loads again gets a new link; its old one ends with what it had in flight. */
export interface PageLinks {
  /** Opens a generation for a page. */
  attach(page: number, send: (batch: UpdateBatch) => void): number;
  setInterest(page: number, interest: Interest): void;
  ack(page: number, generation: number, batch: number): void;
  /** Kept for the page across its loads. */
  setHidden(page: number, hidden: boolean): void;
  /** The page's process is gone; it may load again. */
  detach(page: number): void;
  /** The page's window is gone for good. */
  close(page: number): void;
}

/** See `PageLinks`. `onGone`: what a page had under way has nobody left to answer. */
export function createPageLinks(relay: Relay, onGone: (page: number) => void = () => {}): PageLinks {
  const links = new Map<number, RelayLink>();
  const hidden = new Set<number>();

  const detach = (page: number) => {
    links.get(page)?.close();
    links.delete(page);
    onGone(page);
  };

  return {
    attach(page, send) {
      detach(page);
      const link = relay.open(send);
      links.set(page, link);
      if (hidden.has(page)) link.setHidden(true);
      return link.generation;
    },
    setInterest: (page, interest) => links.get(page)?.setInterest(interest),
    ack: (page, generation, batch) => links.get(page)?.ack(generation, batch),
    setHidden(page, now) {
      if (now) hidden.add(page);
      else hidden.delete(page);
      links.get(page)?.setHidden(now);
    },
    detach,
    close(page) {
      detach(page);
      hidden.delete(page);
    },
  };
}
