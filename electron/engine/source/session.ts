import type { RungConfig } from '../../../shared/source';
import type { MonotonicMs } from '../core/clock';
import type { Frame } from '../core/frame';
import type { HttpHead } from '../core/network';
import type { Decoder, Message } from '../core/protocol';
import type { RungPurpose, RungSession, RungSink } from '../core/rung';
import type { Transport, TransportEnd, TransportSession, TransportSink } from '../core/transport';
import type { ServerPlace } from '../outbox/key-memory';
import { Arrival } from './arrival';
import { openDroppingCursor } from './cursor-drop';
import { FirstWords, noListIn, strangerIn } from './first-words';
import { maxFrameBytes } from './frame-limit';
import { LastWords } from './last-words';
import { deliver, placeOfOversize } from './passed';
import { attachingOf, openingOf, placeIn } from './resume';
import { SeenLog } from './seen-log';
import { createSending, type Sending } from './sending';
import type { SessionDeps } from './session-deps';
import { Talking } from './talking';
import { undeliveredIn } from './undelivered';

/**
 * One open rung: a transport's frames go through the protocol's decoder, events into the sequencer, and what concerns
 * the connection to its sink. A `proof` delivers nothing: its events are compared.
 */
export class SourceSession implements RungSession {
  readonly decoder: Decoder;
  private readonly transport: TransportSession;
  private readonly proof: boolean;
  private over = false;
  private attached = false;
  /** The head of an answer came, or the connection ended by itself. */
  private replied = false;
  private readonly askedAt: MonotonicMs;
  private heardIn = -1;
  private readonly arrival: Arrival;
  private readonly words: FirstWords;
  private readonly last = new LastWords();
  private readonly log: SeenLog;
  /** Messages and pings, out of one budget. */
  readonly sending: Sending;
  private readonly talking: Talking;

  constructor(
    readonly id: number,
    readonly rung: RungConfig,
    readonly purpose: RungPurpose,
    transport: Transport,
    private readonly deps: SessionDeps,
    private readonly sink: RungSink,
  ) {
    const { protocol, sequencer, holdMs } = deps;
    this.proof = purpose === 'proof';
    this.askedAt = deps.clock.now();
    this.words = new FirstWords(rung, deps.clock, deps.credentialed, deps.findings, protocol.billed);
    this.arrival = new Arrival(id, rung, purpose, deps, () => this.caughtUp());
    this.log = new SeenLog(deps.clock, rung.transport);
    const resume = sequencer.resumePoint();
    this.decoder = protocol.createDecoder(rung, resume);
    this.transport = openDroppingCursor(
      transport,
      attachingOf(deps, rung, { proof: this.proof, decoder: this.decoder }, () => {
        if (!this.over && !this.proof) sequencer.cursorRefused(id);
      }),
      { maxFrameBytes, pollIntervalMs: rung.intervalSeconds * 1000, holdMs },
      this.hears(),
    );
    this.sending = createSending({
      transport: this.transport,
      clock: deps.clock,
      sendsPerSecond: deps.sendsPerSecond,
      onRoom: () => deps.onReady?.(),
    });
    this.talking = new Talking({
      clock: deps.clock,
      sending: this.sending,
      onTalking: (ms) => sink.onTalking(ms),
      onSettled: (opening) => this.settle(opening),
      onEnd: (end) => this.refuse(end, this.talking.holds),
      whenStored: (done) => deps.flushes.behind(() => deps.whenStored?.(done)),
    });
    if (!this.proof) sequencer.sessionOpened(id, openingOf(protocol, rung, resume));
  }

  /** A redirect led it to another origin: what a person sends is not meant for that. */
  elsewhere = false;

  /** Can take a message: attached, or open where the feed answers no attach. */
  get ready(): boolean {
    return this.attached && !this.proof && !this.talking.holds;
  }

  /** Where the server's log is now, as far as this session was told. */
  place(): ServerPlace | null {
    return this.log.place(this.deps.sequencer.resumePoint().positions);
  }

  /** All that it promised at attach has been delivered. */
  caughtUp(): void {
    this.sink.onCaughtUp();
  }

  bytesRead(): number {
    return this.transport.bytesRead();
  }

  bytesQueued(): number {
    return this.transport.bytesQueued();
  }

  placed(): boolean {
    const { protocol, sequencer } = this.deps;
    return protocol.numbering === 'contiguous' || sequencer.resumePoint().token !== null;
  }

  ping(flushed: () => void): boolean {
    return this.sending.ping(flushed);
  }

  askNow(): void {
    this.transport.askNow();
  }

  pause(): void {
    this.transport.pause();
  }

  resume(): void {
    this.transport.resume();
  }

  close(): void {
    this.leave();
    this.transport.close();
  }

  destroy(): void {
    if (!this.over && !this.replied) this.deps.findings.unanswered(this.rung.transport, this.askedAt);
    this.leave();
    this.transport.destroy();
  }

  /** What concerns the connection goes to it as it comes: dropping what is late is its business. */
  private hears(): TransportSink {
    const { sink } = this;
    const { protocol, sequencer } = this.deps;
    return {
      onOpen: (opening) => {
        this.opened(opening.head);
        const conversation = this.proof || this.elsewhere ? null : this.decoder.conversation;
        if (!this.over) this.talking.begin(opening, conversation ?? null, sequencer.resumePoint());
      },
      onFrame: (frame) => this.hear(frame),
      onSkipped: () => {
        if (this.over || this.proof) return;
        this.deps.sequencer.tooLarge(this.id, null, true);
        this.deps.flushes.now();
      },
      onFloor: (ms) => sink.onFloor(ms),
      onStream: () => {
        if (!this.over && !this.proof) this.deps.sequencer.streams(this.id);
        sink.onStream();
        this.answered();
      },
      onAnswer: (roundTripMs) => {
        sink.onAnswer(roundTripMs);
        this.answered();
        if (protocol.billed && !this.over) this.refuse({ kind: 'complete' });
        // Still here: the answer had no frame, so there was nothing to find.
        if (!this.over && this.proof) sink.onProof(0);
      },
      onHeartbeat: (kind) => {
        // A cadence of comments is learnt from those without a frame between them: the next one is told.
        this.heardIn = -1;
        this.log.heard();
        if (kind !== 'pong') this.deps.findings.life();
        else if (!this.over) this.sending.pong();
        if (!this.talking.holds) sink.onHeartbeat(kind);
      },
      onEnd: (end) => {
        const read = this.words.read(this.talking.readEnd(end));
        this.ended(read);
        sink.onEnd(read);
      },
    };
  }

  private opened(head: HttpHead | null): void {
    if (this.over) return;
    this.replied = true;
    if (!this.deps.protocol.resumable || this.deps.protocol.headless) this.attached = true;
    this.elsewhere = head?.elsewhere === true;
    if (this.proof) return;
    this.words.opened();
    if (head) this.deps.findings.opened(this.rung.transport, head);
    this.arrival.place = placeIn(head?.headers ?? []);
  }

  private settle(opening: Parameters<TransportSink['onOpen']>[0]): void {
    if (!this.over) this.arrival.listens();
    this.sink.onOpen(opening);
    if (this.over || this.proof) return;
    if (this.attached) this.deps.onReady?.();
    this.arrival.opened();
  }

  private answered(): void {
    if (!this.over && !this.proof) this.arrival.answered();
  }

  private hear(frame: Frame): void {
    if (this.over) return;
    const { flushes, sequencer, protocol } = this.deps;
    this.talking.heard(frame);
    if (this.over) return;
    // What was read together is one sign of life, and looking at clocks and counters for each costs.
    if ((this.heardIn !== flushes.turn || this.proof) && !this.talking.holds) {
      this.heardIn = flushes.turn;
      this.log.heard();
      this.sink.onFrame();
      if (this.over) return;
    }
    const messages = this.decoder.decode(frame);
    if (this.proof) {
      this.sink.onProof(undeliveredIn(messages, sequencer.resumePoint(), protocol.headless || this.deps.greeted()));
      return;
    }
    this.deps.onFrame(frame);
    if (!this.recognised(messages, frame)) return;
    const eventsOnly = messages.every(({ kind }) => kind === 'event' || kind === 'undecodable');
    for (const message of messages) {
      this.take(message);
      if (this.over) return;
    }
    // A step of delivery costs more than an event.
    if (eventsOnly) flushes.soon();
    else flushes.now();
    this.talking.decoded();
  }

  private take(message: Message): void {
    const { id, sink } = this;
    const { sequencer } = this.deps;
    this.last.hear(message);
    if (deliver(sequencer, id, message)) return;
    switch (message.kind) {
      case 'event':
        if (!this.talking.answers) this.arrival.hears();
        sequencer.event(id, message.event);
        this.words.hear(message.event, this.talking.answers);
        // Only there a proxy may hold events back to let them go in bursts (`connection/sawtooth.ts`).
        if (this.rung.transport === 'sse') sink.onEvent(message.event.sentAt, message.event.receivedAt);
        return;
      case 'page':
        if (!sequencer.page(id, message.events, message.list, message.things)) this.refuse(noListIn(message.events));
        return;
      case 'unusable':
        this.refuse(message);
        return;
      case 'measured':
        this.deps.onMeasured?.(message);
        return;
      case 'attached':
        this.attached = true;
        this.words.accepted();
        this.log.attached(message.attachment);
        sequencer.attached(id, message.attachment);
        sink.onAttached(message.attachment);
        this.deps.onReady?.();
        return;
      case 'terms':
        sink.onTerms({ spreadMs: message.spreadMs, heartbeatMs: message.heartbeatMs });
        return;
      case 'heartbeat':
        this.deps.findings.life();
        this.log.heartbeat(message.epoch, message.head);
        sequencer.heartbeat(id, message.stream, message.epoch, message.head);
        sink.onHeartbeat('comment');
        return;
      case 'goodbye':
        if (this.deps.protocol.billed) this.refuse({ kind: 'complete' });
        else sink.onGoodbye(message);
        return;
      case 'login-refused':
        this.refuse(message, this.words.refused(message));
        return;
      case 'feed-error':
        this.words.failed(message.message);
        return;
      case 'more':
        this.transport.askNow();
        return;
      case 'published':
      case 'send-refused':
        this.deps.onSendAnswer?.(message);
        return;
      case 'control':
        return;
      default:
        message satisfies never;
    }
  }

  /** What was taken for our gateway and has never spoken like one is left. */
  private recognised(messages: readonly Message[], frame: Frame): boolean {
    const { protocol, findings, sequencer } = this.deps;
    if (findings.recognised || messages.some(({ kind }) => kind === 'unusable')) return true;
    const stranger = strangerIn(protocol, sequencer.resumePoint(), messages, frame);
    findings.recognised = stranger === null;
    if (stranger === null) return true;
    findings.stranger = this.rung;
    this.refuse(stranger);
    return false;
  }

  /** What came is not what this rung is for: the session ends as if it had been refused. */
  private refuse(end: TransportEnd, neverWas = false): void {
    this.leave(end, neverWas);
    this.transport.destroy();
    this.sink.onEnd(end);
  }

  private ended(end: TransportEnd): void {
    this.replied = true;
    if (end.kind === 'too-large' && !this.over && !this.proof) this.tooLarge(end.id ?? null);
    this.leave(end, this.words.refused(end));
  }

  /** What the next session would resume to is passed, or it would end every one. `id`: its own, where it is known. */
  private tooLarge(id: string | null): void {
    const read = placeOfOversize(this.deps, this.rung, this.decoder, id);
    if (read === null) return;
    for (const message of read) this.take(message);
    const passed = read.some(({ kind }) => kind === 'token');
    if (!this.over) this.deps.sequencer.tooLarge(this.id, null, passed);
  }

  private leave(end: TransportEnd | null = null, refused = false): void {
    if (this.over) return;
    this.over = true;
    this.arrival.end();
    this.talking.end();
    this.sending.end();
    if (!this.proof) {
      this.deps.sequencer.sessionEnded(this.id, this.last.how(end, refused));
      this.deps.flushes.now();
    }
    this.deps.onLeft(this);
  }
}
