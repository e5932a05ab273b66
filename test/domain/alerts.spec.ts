import {
  ALERT_KINDS,
  heldTitle,
  kindOf,
  lanePausedTitle,
  runbookOf,
  sentBackTitle,
} from '../../src/domain/alerts/alert-kind';

test('an alert says by its title what it is about', () => {
  const held = ALERT_KINDS.filter((kind) => kind !== 'sent-back' && kind !== 'lane-paused');
  expect(held).toHaveLength(12);
  for (const kind of held) expect(kindOf(heldTitle('web.T1', kind))).toBe(kind);
  expect(kindOf(sentBackTitle('web.T1'))).toBe('sent-back');
  expect(kindOf(lanePausedTitle('web'))).toBe('lane-paused');
  expect(runbookOf(heldTitle('web.T1', 'gate'))).toBe('docs/alerts.md#gate');
});

test('what is no alert of ours is none', () => {
  expect(runbookOf('A test of this sink by stagegate alerts test')).toBeNull();
  expect(kindOf('Task web.T1 needs a person: lane-paused and more')).toBeNull();
});
