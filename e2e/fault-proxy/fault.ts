/** What the proxy does to a connection. Times in ms. */
export type Fault =
  /** Passes everything on. */
  | { readonly kind: 'none' }
  /**
   * Nothing gets through and nothing ends: connections are accepted, bytes stay where they are. When it is lifted they
   * flow on, as after a cable is plugged in again.
   */
  | { readonly kind: 'black-hole' }
  /** RST to both ends, also to whoever connects later. */
  | { readonly kind: 'reset' }
  /** FIN to the client; what the server says is thrown away, what the client says passes. */
  | { readonly kind: 'half-close' }
  /** The client gets one byte at a time, `everyMs` apart (0: as fast as they go). */
  | { readonly kind: 'drip'; readonly everyMs: number }
  /**
   * Ends a connection `afterMs` after it was accepted, or after the server's 101. `swallow`: what the server sends
   * behind the head of the 101 is held back, so that the client never gets a frame.
   */
  | {
      readonly kind: 'cut';
      readonly from: 'connect' | 'upgrade';
      readonly afterMs: number;
      readonly how: 'reset' | 'end';
      readonly swallow: boolean;
    }
  /** Every chunk comes this much later, both ways. */
  | { readonly kind: 'latency'; readonly ms: number };

/** Chooses connections by the head of their first request. */
export type Chooser = (requestHead: string) => boolean;

/** WebSocket handshakes. */
export const upgrades: Chooser = (head) => /^upgrade: *websocket\r?$/im.test(head);

/** All but WebSocket handshakes. */
export const plainRequests: Chooser = (head) => !upgrades(head);
