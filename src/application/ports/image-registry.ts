import type { ReportFault } from './report-reader';

export interface RegistryQuestion {
  /** `host/repository:tag`. */
  readonly image: string;
  /** `user:password`; null: nobody in particular asks. Never told to another host than the registry's and that of its tokens. */
  readonly credentials: string | null;
  /** Whether it is asked by plain HTTP. */
  readonly isInsecure: boolean;
  /** When it is over nobody waits for the answer. */
  readonly signal: AbortSignal;
}

/** Looks at images in registries. What they answer is input from outside: bounded in bytes, number and time, and held against digests. */
export abstract class ImageRegistry {
  /** @returns what the image says of itself, as `ReportReader.images` reads it; or why that cannot be had. Never rejects for an answer. */
  abstract look(question: RegistryQuestion): Promise<{ readonly kind: 'read'; readonly text: string } | ReportFault>;
}
