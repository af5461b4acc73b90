/** When a source was live, as far back as a chart of the recent past needs. Wall-clock epoch ms. */
export class LiveSpans {
  private spans: { readonly start: number; end: number | null }[] = [];

  constructor(private readonly keepMs: number) {}

  set(live: boolean, at: number): void {
    const last = this.spans.at(-1);
    const open = last !== undefined && last.end === null;
    if (live && !open) this.spans.push({ start: at, end: null });
    if (!live && open) last.end = at;
    this.spans = this.spans.filter((span) => span.end === null || span.end > at - 2 * this.keepMs).slice(-maxSpans);
  }

  overlaps(start: number, end: number): boolean {
    return this.spans.some((span) => span.start < end && (span.end === null || span.end > start));
  }
}

/** A flapping source has more; its oldest moments are drawn as holes then. */
const maxSpans = 128;
