/** Looks at the branches of a project's open tasks. */
export type LookAtBranches = (project: string) => Promise<void>;

/**
 * Where whoever hears of a push asks the conductor of this process to look now and not at the next poll. Of those who ask while a look is
 * under way one more follows for all of them, so that a storm of deliveries is no storm of looks.
 */
export class BranchLooks {
  private look: LookAtBranches | null = null;
  /** The look under way, and the one that begins after it: what is asked now may have come too late for the first. */
  private readonly running = new Map<string, { readonly now: Promise<void>; next: Promise<void> | null }>();

  follow(look: LookAtBranches): void {
    this.look = look;
  }

  /** Resolves when a look is over that has begun after the call; at once where nobody looks in this process. Never rejects. */
  ask(project: string): Promise<void> {
    const running = this.running.get(project);
    if (!running) return this.begin(project);
    running.next ??= running.now.then(() => this.begin(project));
    return running.next;
  }

  private begin(project: string): Promise<void> {
    if (this.look === null) return Promise.resolve();
    const now = this.look(project).catch(() => {
      // The next poll meets the same trouble, and says so.
    });
    const running = { now, next: null as Promise<void> | null };
    this.running.set(project, running);
    return now.then(() => {
      if (running.next === null && this.running.get(project) === running) this.running.delete(project);
    });
  }
}
