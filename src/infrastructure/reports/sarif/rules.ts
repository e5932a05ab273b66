import { FINDING_LEVELS, type FindingLevel } from '../../../domain/gates/security/findings';
import {
  fieldsOf,
  kindOf,
  listOf,
  Malformed,
  optionalFields,
  optionalOf,
  optionalText,
  optionalWhole,
  type Fields,
} from '../malformed';

export interface Rule {
  readonly id: string | null;
  readonly level: FindingLevel | null;
  readonly severity: number | null;
}

/** The driver of a tool, or one of its extensions, and what its rules say. */
export interface Component {
  readonly name: string;
  readonly rules: readonly Rule[];
  readonly byId: ReadonlyMap<string, Rule>;
}

/** The driver first, then the extensions, as results count them. */
export interface Components {
  readonly driver: Component;
  readonly extensions: readonly Component[];
  /** Of all of them; of several with one id that of the first. */
  readonly byId: ReadonlyMap<string, Rule>;
}

export function componentsOf(run: Fields, at: string): Components {
  const given = listOf(fieldsOf(run['tool'], `${at}.tool`)['extensions'], `${at}.tool.extensions`);
  const driver = driverOf(run, at);
  const extensions = given.map((each, index) => componentOf(each, `${at}.tool.extensions[${index}]`));
  const byId = new Map<string, Rule>();
  for (const component of [driver, ...extensions])
    for (const [id, rule] of component.byId) if (!byId.has(id)) byId.set(id, rule);
  return { driver, extensions, byId };
}

export function driverOf(run: Fields, at: string): Component {
  return componentOf(fieldsOf(run['tool'], `${at}.tool`)['driver'], `${at}.tool.driver`);
}

/** The rule of a result: by its place in a component, else by its id. */
export function ruleOf(result: Fields, { driver, extensions, byId }: Components, at: string): Rule | null {
  const reference = optionalFields(result['rule'], `${at}.rule`);
  const component = optionalFields(reference?.['toolComponent'], `${at}.rule.toolComponent`);
  const extension = optionalWhole(component?.['index'], `${at}.rule.toolComponent.index`, -1) ?? -1;
  const owner = extension === -1 ? driver : extensions[extension];
  if (!owner) throw new Malformed(`${at}.rule: expected one of ${extensions.length} extensions, saw ${extension}`);
  const index =
    optionalWhole(result['ruleIndex'], `${at}.ruleIndex`, -1) ??
    optionalWhole(reference?.['index'], `${at}.rule.index`, -1) ??
    -1;
  if (index !== -1) {
    const rule = owner.rules[index];
    if (!rule) throw new Malformed(`${at}: expected one of ${owner.rules.length} rules, saw rule ${index}`);
    return rule;
  }
  const id = idOf(result, at);
  return id === null ? null : (owner.byId.get(id) ?? byId.get(id) ?? null);
}

export function idOf(result: Fields, at: string): string | null {
  const reference = optionalFields(result['rule'], `${at}.rule`);
  return optionalText(result['ruleId'], `${at}.ruleId`) ?? optionalText(reference?.['id'], `${at}.rule.id`);
}

/** `security-severity` of a property bag: text or a number, from 0 to 10. */
export function severityIn(bag: unknown, at: string): number | null {
  const value = optionalFields(bag, at)?.['security-severity'];
  if (value === undefined || value === null) return null;
  const isGiven = typeof value === 'number' || (typeof value === 'string' && value.trim() !== '');
  const severity = isGiven ? Number(value) : NaN;
  if (severity >= 0 && severity <= 10) return severity;
  throw new Malformed(`${at}.security-severity: expected a number from 0 to 10, saw ${kindOf(value)}`);
}

function componentOf(value: unknown, at: string): Component {
  const fields = fieldsOf(value, at);
  const name = optionalText(fields['name'], `${at}.name`);
  if (!name) throw new Malformed(`${at}.name: expected the name of the tool, saw ${kindOf(fields['name'])}`);
  const rules = listOf(fields['rules'], `${at}.rules`).map((rule, index) => readRule(rule, `${at}.rules[${index}]`));
  return { name, rules, byId: new Map(rules.flatMap((rule) => (rule.id === null ? [] : [[rule.id, rule] as const]))) };
}

function readRule(value: unknown, at: string): Rule {
  const { id, defaultConfiguration, properties } = fieldsOf(value, at);
  const usual = optionalFields(defaultConfiguration, `${at}.defaultConfiguration`);
  return {
    id: optionalText(id, `${at}.id`),
    level: optionalOf(usual?.['level'], FINDING_LEVELS, `${at}.defaultConfiguration.level`),
    severity: severityIn(properties, `${at}.properties`),
  };
}
