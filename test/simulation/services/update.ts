/** DynamoDB's update expressions, as far as ours go (developer guide, "Update expressions"). */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Item, Placeholders } from './condition.ts';
import { Gap } from './gap.ts';

const SECTIONS = /\b(SET|ADD|REMOVE) ((?:(?! (?:SET|ADD|REMOVE) ).)+)/g;
const ASSIGNMENT = /^(#?\w+) = (:\w+)$/;
const ADDITION = /^(#?\w+) (:\w+)$/;

/** @throws Gap naming what it does not know */
export function updatedBy(expression: string, before: Item, placeholders: Placeholders): Item {
  const sections = [...expression.matchAll(SECTIONS)];
  if (sections.map(([whole]) => whole).join(' ') !== expression) throw new Gap(`the update ${expression}`);
  const actions = sections.flatMap(([, section = '', list = '']) =>
    list.split(/,\s*/).map((action) => [section, action] as const),
  );
  return actions.reduce((item, [section, action]) => changed(item, section, action, placeholders), before);
}

function changed(item: Item, section: string, action: string, { names, values }: Placeholders): Item {
  const [, name = action, placeholder] = (section === 'SET' ? ASSIGNMENT : ADDITION).exec(action) ?? [];
  const attribute = names[name] ?? name;
  if (section === 'REMOVE') {
    const { [attribute]: _, ...rest } = item;
    return rest;
  }
  if (placeholder === undefined) throw new Gap(`the action ${section} ${action}`);
  const value = values[placeholder] ?? missing(placeholder);
  return { ...item, [attribute]: section === 'SET' ? value : sum(item[attribute], value) };
}

/** What is not there yet counts as 0, or as an empty set. */
function sum(value: AttributeValue | undefined, added: AttributeValue): AttributeValue {
  if (added.SS && (!value || value.SS)) return { SS: [...new Set([...(value?.SS ?? []), ...added.SS])] };
  if (added.N === undefined || (value && value.N === undefined)) throw new Gap('ADD to what is no number');
  return { N: String(Number(value?.N ?? 0) + Number(added.N)) };
}

function missing(placeholder: string): never {
  throw new Gap(`what ${placeholder} stands for in an update`);
}
