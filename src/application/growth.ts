/** Tells followers that the log may have grown. */
export class Growth {
  private readonly waiting = new Set<() => void>();
  private count = 0;

  grew(): void {
    this.count += 1;
    for (const wake of [...this.waiting]) wake();
  }

  /** Resolves when the log grew after `seen` was taken, or `signal` aborts. */
  async after(seen: number, signal: AbortSignal): Promise<void> {
    if (this.count !== seen || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        this.waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  get seen(): number {
    return this.count;
  }
}
