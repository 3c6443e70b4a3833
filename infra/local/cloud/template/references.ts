/** In which order resources can be created: after everything that they refer to. */
import type { Template, TemplateResource } from './template.ts';
import { TemplateError } from './template-error.ts';

/**
 * The logical ids of all resources, each after those it refers to or depends on.
 * @throws TemplateError when resources refer to each other in a circle.
 */
export function creationOrder(resources: Template['Resources']): string[] {
  const order: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (id: string, path: readonly string[]): void => {
    if (state.get(id) === 'done') return;
    if (state.get(id) === 'open') {
      const circle = [...path.slice(path.indexOf(id)), id].join(' → ');
      throw new TemplateError(`resources refer to each other in a circle: ${circle}`);
    }
    state.set(id, 'open');
    for (const next of referencesOf(resources[id] as TemplateResource)) {
      if (next in resources) visit(next, [...path, id]);
    }
    state.set(id, 'done');
    order.push(id);
  };
  for (const id of Object.keys(resources)) visit(id, []);
  return order;
}

/** Every name that a resource mentions: its DependsOn, and what its properties refer to. */
function referencesOf(resource: TemplateResource): Set<string> {
  const found = new Set(resource.DependsOn);
  collect(resource.Properties, found);
  return found;
}

function collect(value: unknown, found: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, entry] of Object.entries(value)) {
    if (key === 'Ref' && typeof entry === 'string') found.add(entry);
    else if (key === 'Fn::GetAtt')
      found.add(`${Array.isArray(entry) ? entry[0] : entry}`.split('.')[0] as string);
    else if (key === 'Fn::Sub') collectFromSub(entry, found);
    else collect(entry, found);
  }
}

function collectFromSub(argument: unknown, found: Set<string>): void {
  const pattern = Array.isArray(argument) ? argument[0] : argument;
  for (const match of `${pattern}`.matchAll(/\$\{([^!}.][^}.]*)/g)) found.add(match[1] as string);
  if (Array.isArray(argument)) collect(argument.slice(1), found);
}
