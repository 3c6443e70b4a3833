/** Creates each resource of a template, in order, and resolves the outputs. */
import type * as z from 'zod';
import type { CloudState } from '../cloud-state.ts';
import type { Created, ResourceType } from '../resources/resource.ts';
import { NO_VALUE, resolve, type Scope } from './intrinsics.ts';
import { creationOrder } from './references.ts';
import type { Template } from './template.ts';
import { TemplateError } from './template-error.ts';

/**
 * Creates every resource of the template.
 * @returns the stack's outputs, resolved
 * @throws TemplateError that names a resource type, property or intrinsic that the local cloud does not know.
 */
export async function provision(
  template: Template,
  types: ReadonlyMap<string, ResourceType>,
  cloud: CloudState,
): Promise<Record<string, string>> {
  refuseUnknownTypes(template, types);
  const created = new Map<string, Created>();
  const scope = scopeOf(template, created, cloud);
  for (const logicalId of creationOrder(template.Resources)) {
    const resource = template.Resources[logicalId]!;
    if (resource.Condition && !scope.condition(resource.Condition)) continue;
    const type = types.get(resource.Type)!;
    const where = `resource ${logicalId} (${resource.Type})`;
    const properties = resolve(resource.Properties, scope, `${where}: Properties`);
    const checked = check(type, properties, where);
    try {
      created.set(logicalId, await type.create(checked, { logicalId, cloud }));
    } catch (cause) {
      throw new TemplateError(`${where}: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    }
  }
  return outputsOf(template, scope);
}

function refuseUnknownTypes(template: Template, types: ReadonlyMap<string, ResourceType>): void {
  for (const [logicalId, resource] of Object.entries(template.Resources)) {
    if (types.has(resource.Type)) continue;
    const known = [...types.keys()].sort().join(', ');
    throw new TemplateError(
      `resource ${logicalId}: the local cloud does not know the type ${resource.Type}; it knows ${known}`,
    );
  }
}

function check(type: ResourceType, properties: unknown, where: string): unknown {
  const parsed = type.properties.safeParse(properties);
  if (parsed.success) return parsed.data;
  const complaints = parsed.error.issues.map((issue) => complaint(issue)).join('; ');
  throw new TemplateError(`${where}: ${complaints}`);
}

function complaint(issue: z.core.$ZodIssue): string {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.map((key) => (path ? `${path}.${key}` : key)).join(', ');
    return `the local cloud does not know the property ${names}`;
  }
  return `property ${path || '(all)'}: ${issue.message}`;
}

function outputsOf(template: Template, scope: Scope): Record<string, string> {
  const outputs: Record<string, string> = {};
  for (const [name, output] of Object.entries(template.Outputs)) {
    if (output.Condition && !scope.condition(output.Condition)) continue;
    outputs[name] = String(resolve(output.Value, scope, `output ${name}`));
  }
  return outputs;
}

function scopeOf(template: Template, created: ReadonlyMap<string, Created>, cloud: CloudState): Scope {
  const pseudo: Readonly<Record<string, unknown>> = {
    'AWS::AccountId': cloud.account,
    'AWS::NoValue': NO_VALUE,
    'AWS::Partition': cloud.partition,
    'AWS::Region': cloud.region,
    'AWS::StackName': cloud.stackName,
    'AWS::StackId': `arn:aws:cloudformation:${cloud.region}:${cloud.account}:stack/${cloud.stackName}/local`,
    'AWS::URLSuffix': 'amazonaws.com',
  };
  const scope: Scope = {
    ref(name) {
      if (name in pseudo) return pseudo[name];
      const parameter = template.Parameters[name];
      if (parameter) return parameterValue(name, parameter.Default);
      return resourceNamed(name).ref;
    },
    attribute(logicalId, attribute) {
      const value = resourceNamed(logicalId).attributes?.[attribute];
      if (value !== undefined) return value;
      const type = template.Resources[logicalId]?.Type;
      throw new TemplateError(
        `resource ${logicalId} (${type}): the local cloud knows no attribute ${attribute}`,
      );
    },
    condition(name) {
      if (!(name in template.Conditions)) throw new TemplateError(`there is no condition ${name}`);
      return resolve(template.Conditions[name], scope, `condition ${name}`) === true;
    },
    mapping(name, first, second) {
      const value = template.Mappings[name]?.[first]?.[second];
      if (value === undefined) throw new TemplateError(`mapping ${name} has no ${first}.${second}`);
      return value;
    },
  };
  function resourceNamed(name: string): Created {
    const found = created.get(name);
    if (found) return found;
    throw new TemplateError(`the template refers to ${name}, which is no parameter and no resource of it`);
  }
  return scope;
}

function parameterValue(name: string, value: unknown): unknown {
  if (value !== undefined) return value;
  throw new TemplateError(
    `parameter ${name} has no default, and the local cloud has no other source of a value`,
  );
}
