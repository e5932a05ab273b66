/** A moment that several steps share: what one of them takes, the ones after it do not get. */
export class Deadline {
  private constructor(private readonly at: number) {}

  static in(ms: number): Deadline {
    return new Deadline(performance.now() + ms);
  }

  /** @returns the earlier of the two. */
  static earlier(a: Deadline, b: Deadline): Deadline {
    return a.at < b.at ? a : b;
  }

  /** Milliseconds, never negative. */
  leftMs(): number {
    return Math.max(0, this.at - performance.now());
  }

  isOver(): boolean {
    return this.leftMs() === 0;
  }

  /** A deadline for one step: at most this long, and never beyond this one. */
  within(ms: number): Deadline {
    return Deadline.earlier(this, Deadline.in(ms));
  }

  /** Waits for work no longer than that. @returns null when it was not done by then; the work goes on unobserved. */
  async waitFor<T>(work: Promise<T>): Promise<T | null> {
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<null>((resolve) => {
      timer = setTimeout(resolve, Math.max(1, this.leftMs()), null);
    });
    try {
      return await Promise.race([work, over]);
    } finally {
      clearTimeout(timer);
    }
  }
}
