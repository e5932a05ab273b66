/** What every token begins with, so that people and scanners know one when they see it. */
export const TOKEN_PREFIX = 'sgt_';
const TOKEN = /^sgt_[0-9a-f]{64}$/;
const ANYWHERE = /sgt_[0-9a-f]{64}/i;

/** @param secret 256 bits as hexadecimal digits. */
export function tokenText(secret: string): string {
  return TOKEN_PREFIX + secret;
}

export function isTokenText(text: string): boolean {
  return TOKEN.test(text);
}

/** Whether there is something in a text that may be a token. */
export function holdsToken(text: string): boolean {
  return ANYWHERE.test(text);
}
