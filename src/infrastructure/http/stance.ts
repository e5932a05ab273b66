import 'reflect-metadata';
import { SetMetadata, type Type } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants';
import type { Scope } from '../../domain/authority/principal';

/** Whom a route is for: a scope is what a token has to have for it. */
export type Stance = Scope | 'everybody' | 'signed';

const STANCE = 'stagegate:stance';

/** For whoever has a token with this scope; what only reads is open on loopback. */
export const Needs = (scope: Scope) => SetMetadata(STANCE, scope satisfies Stance);

/** For a route that says nothing of any project. */
export const ForEverybody = () => SetMetadata(STANCE, 'everybody' satisfies Stance);

/** For a route whose requests are let in by their signature, and by no token. */
export const ForSigned = () => SetMetadata(STANCE, 'signed' satisfies Stance);

/** @throws Error for a route that does not say: nobody is let in by oversight. */
export function stanceOf(handler: object): Stance {
  const stance = Reflect.getMetadata(STANCE, handler) as Stance | undefined;
  if (stance === undefined)
    throw new Error(
      `route ${(handler as { name?: string }).name ?? ''}: expected whom it is for, saw nothing; add @Needs, @ForEverybody or @ForSigned`,
    );
  return stance;
}

/** @throws Error for the first route of these that does not say whom it is for. */
export function demandStances(controllers: readonly Type[]): void {
  for (const controller of controllers)
    for (const handler of Object.values(Object.getOwnPropertyDescriptors(controller.prototype)).map(valueOf))
      if (typeof handler === 'function' && Reflect.hasMetadata(METHOD_METADATA, handler)) stanceOf(handler);
}

function valueOf({ value }: PropertyDescriptor): unknown {
  return value;
}
