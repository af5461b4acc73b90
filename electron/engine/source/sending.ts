import type { Clock, Timer } from '../core/clock';
import type { Said } from '../core/said';
import type { TransportSession } from '../core/transport';

/** A connection may send this many seconds of its rate at once. */
const burstSeconds = 2;
/** Kept back from messages for a ping of the heartbeat: life is never judged late for want of a budget. */
const reserve = 1;
/** So much of what is said of our own accord waits for room: whoever asks for more of it asks too fast. */
const mostTold = 50;
/** A message that had to wait is asked for again when there is room for this many seconds of the rate, at least for one. */
const roomSeconds = 0.5;

/** What one session sends. */
export interface Sending {
  /** Hands a person's message over. False where there is no way to send, or where the budget is used up: `onRoom` follows. */
  message(said: Said): boolean;
  /**
   * Says something of our own accord, with places of secrets in it: in order, as soon as the budget has room, before a
   * person's messages. `left`: it was handed over. False where so much waits already that it is not said at all.
   */
  tell(said: Said, left: () => void): boolean;
  /** Hands over what delivery asks for: counted, never put off; its own limits keep it few. */
  request(said: Said): boolean;
  /** A ping of the heartbeat: counted, never put off. False where the transport has none. */
  ping(flushed: () => void): boolean;
  /**
   * Calls back once a ping that was sent after all before it has been answered: one ping for all that wait meanwhile. Where
   * there are no pings, once all messages before it have left.
   */
  confirm(done: () => void): void;
  pong(): void;
  end(): void;
}

interface Deps {
  readonly transport: Pick<TransportSession, 'send' | 'ping'>;
  readonly clock: Clock;
  /** Messages and pings together, a second, over time. */
  readonly sendsPerSecond: number;
  /** Messages may be handed over again. */
  onRoom(): void;
}

/** Messages and pings out of one budget that refills evenly. */
export function createSending({ transport, clock, sendsPerSecond, onRoom }: Deps): Sending {
  const most = Math.max(reserve + 1, burstSeconds * sendsPerSecond);
  let left = most;
  let filledAt = clock.now();
  let timer: Timer | null = null;
  let refused = false;
  let over = false;
  let pings = 0;
  let pongs = 0;
  let told: { readonly said: Said; readonly left: () => void }[] = [];
  /** Wait for a ping to be sent. */
  let waiting: (() => void)[] = [];
  /** A person's messages that were handed over, and those of them that have left, in order. */
  let handed = 0;
  let flushed = 0;
  /** Wait for so many messages to have left, where there are no pings. */
  let leaving: readonly { readonly after: number; readonly done: readonly (() => void)[] }[] = [];
  /** Wait for the pong of this number: a server may answer several pings with one pong. */
  let asked: { readonly atPong: number; readonly done: readonly (() => void)[] } | null = null;

  function fill(): void {
    const at = clock.now();
    left = Math.min(most, left + ((at - filledAt) / 1000) * sendsPerSecond);
    filledAt = at;
  }

  /** Takes one out of the budget, where it has one besides the reserve. */
  function take(): boolean {
    fill();
    if (left < reserve + 1) return false;
    left -= 1;
    return true;
  }

  function spend(): void {
    fill();
    left -= 1;
  }

  function awaitRoom(): void {
    if (over || timer !== null) return;
    const wanted = reserve + Math.max(1, Math.min(most - reserve, roomSeconds * sendsPerSecond));
    // Rounded up and never at once: no hot loop.
    const ms = Math.max(1, Math.ceil(((wanted - left) / sendsPerSecond) * 1000));
    timer = clock.after(ms, () => {
      timer = null;
      tellAll();
      askForAll();
      if (!refused || told.length > 0) return;
      refused = false;
      onRoom();
    });
  }

  function tellAll(): void {
    while (!over && told.length > 0) {
      if (!take()) {
        awaitRoom();
        return;
      }
      const [next] = told;
      told = told.slice(1);
      if (next && transport.send(next.said, () => {}, true)) next.left();
    }
  }

  function sendPing(flushed: () => void): boolean {
    if (!transport.ping(flushed)) return false;
    pings += 1;
    return true;
  }

  /** A ping that leaves now answers all that wait for one. */
  function carry(): void {
    if (asked !== null || waiting.length === 0) return;
    asked = { atPong: Math.min(pings, pongs + 2), done: waiting };
    waiting = [];
  }

  function askForAll(): void {
    if (over || asked !== null || waiting.length === 0) return;
    if (!take()) awaitRoom();
    else if (sendPing(() => {})) carry();
    else {
      // There are no pings: what was handed over before was taken once it has left, which a poll's answer says.
      leaving = [...leaving, { after: handed, done: waiting }];
      waiting = [];
      confirmLeft();
    }
  }

  function confirmLeft(): void {
    const whole = leaving.filter(({ after }) => after <= flushed);
    leaving = leaving.filter(({ after }) => after > flushed);
    for (const { done } of whole) for (const each of done) each();
  }

  return {
    message(said) {
      if (over) return false;
      if (told.length > 0 || !take()) {
        refused = true;
        awaitRoom();
        return false;
      }
      const sent = transport.send(said, () => {
        flushed += 1;
        if (!over) confirmLeft();
      });
      if (sent) handed += 1;
      return sent;
    },
    tell(said, left) {
      if (over || told.length >= mostTold) return false;
      told.push({ said, left });
      if (told.length === 1) tellAll();
      return true;
    },
    request(said) {
      if (over || !transport.send(said, () => {})) return false;
      spend();
      return true;
    },
    ping(flushed) {
      if (!sendPing(flushed)) return false;
      spend();
      carry();
      return true;
    },
    confirm(done) {
      waiting.push(done);
      askForAll();
    },
    pong() {
      pongs += 1;
      if (asked === null || asked.atPong > pongs) return;
      const { done } = asked;
      asked = null;
      for (const each of done) each();
      askForAll();
    },
    end() {
      over = true;
      told = [];
      timer?.cancel();
    },
  };
}
