const today = 'graphql-transport-ws';
const older = 'graphql-ws';

/** The older form alone is offered so often without an answer, before both are again: the server may be another one by now. */
const mostUnopened = 3;

/**
 * Which forms are offered, from one session to the next. A server that knows the older form alone may take the first that it
 * is offered all the same, and close then (`subscriptions-transport-ws`).
 */
export class FormMemory {
  private alone = false;
  private unopened = 0;
  /** Neither way was greeted. */
  private neither = false;

  /** What the next session offers. */
  offers(): readonly string[] {
    if (!this.alone) return [today, older];
    if (this.unopened === mostUnopened) {
      this.alone = false;
      return this.offers();
    }
    this.unopened += 1;
    return [older];
  }

  /** A session is open. Whether the older form alone was offered. */
  opened(): boolean {
    this.unopened = 0;
    return this.alone;
  }

  greeted(): void {
    this.neither = false;
  }

  /** The server closed for what was offered. `alone`: that was the older form alone. What is to be said of it. */
  refused(alone: boolean): 'older-next' | 'neither' {
    if (alone) this.neither = true;
    this.alone = !alone;
    return this.neither ? 'neither' : 'older-next';
  }
}
