import type { Digest } from '../ids';
import type { TokenId } from './access.events';
import type { Grant } from './grant';

export interface AccessCommandData {
  CreateToken: Grant & { id: TokenId; digest: Digest };
  RevokeToken: { id: TokenId; reason: string };
}
export type AccessCommandType = keyof AccessCommandData;
export type AccessCommand = {
  [T in AccessCommandType]: Readonly<{ type: T; data: Readonly<AccessCommandData[T]> }>;
}[AccessCommandType];

export type AccessRejection = 'not-allowed' | 'store-corrupt' | 'invalid-token' | 'token-name-taken' | 'unknown-token';
