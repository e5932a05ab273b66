import 'reflect-metadata';
import { Controller, Get } from '@nestjs/common';
import { demandStances, ForEverybody, Needs, stanceOf } from '../../../src/infrastructure/http/stance';
import { CONTROLLERS } from '../../support/routes';

it('a route that does not say whom it is for stops the start, and is not served', () => {
  @Controller('odd')
  class Forgetful {
    @Get('said')
    @Needs('read')
    said(): void {}

    @Get('forgotten')
    forgotten(): void {}

    /** No route. */
    other(): void {}
  }
  const forgotten = Object.getOwnPropertyDescriptor(Forgetful.prototype, 'forgotten')?.value as object;
  for (const demand of [
    () => {
      demandStances([Forgetful]);
    },
    () => stanceOf(forgotten),
  ])
    expect(demand).toThrow('route forgotten: expected whom it is for, saw nothing');
});

it('every route of the service says it', () => {
  expect(() => {
    demandStances(CONTROLLERS);
  }).not.toThrow();
});

it('what a route is for is what it says', () => {
  class Said {
    @Needs('operate')
    order(): void {}

    @ForEverybody()
    tell(): void {}
  }
  const of = (name: 'order' | 'tell') =>
    stanceOf(Object.getOwnPropertyDescriptor(Said.prototype, name)?.value as object);
  expect([of('order'), of('tell')]).toEqual(['operate', 'everybody']);
});
