/** Bytes that one compressed byte may become, over time: several times what the most repetitive feed comes to. */
const most = 200;
/** So much may go beyond it at once: the largest frame. */
const burstBytes = 16 * 1024 * 1024;

/** Watches what compressed bytes unfold to. A bomb makes a thousand of one, and brotli far more. */
export class Expansion {
  private credit = burstBytes;

  /** Compressed bytes came. */
  came(bytes: number): void {
    this.credit = Math.min(burstBytes, this.credit + bytes * most);
  }

  /** They became so many. False: that is more than any feed needs. */
  unfolded(bytes: number): boolean {
    this.credit -= bytes;
    return this.credit >= 0;
  }
}

/** In words, behind the name of the coding. */
export const bombWords = `which unfolds to more than ${most} times its size, over and over`;
