/** How a resource type is defined: its properties as a strict schema, and the function that creates the resource. */
import * as z from 'zod';
import type { CloudState } from '../cloud-state.ts';

/** Where a resource is created. */
export interface Placement {
  readonly logicalId: string;
  readonly cloud: CloudState;
}

/** What other resources get from a created one: by `Ref`, and by `Fn::GetAtt` for each attribute. */
export interface Created {
  readonly ref: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface ResourceType {
  readonly type: string;
  readonly properties: z.ZodType;
  create(properties: unknown, placement: Placement): Created | Promise<Created>;
}

/** Defines a resource type; `create` gets its properties with every intrinsic resolved, checked by the schema. */
export function defineResource<S extends z.ZodType>(
  type: string,
  properties: S,
  create: (properties: z.output<S>, placement: Placement) => Created | Promise<Created>,
): ResourceType {
  return { type, properties, create: (checked, placement) => create(checked as z.output<S>, placement) };
}

/** The name that a resource gets when the template gives none: the stack's and its own, the same in every run. */
export function physicalName({ logicalId, cloud }: Placement): string {
  return `${cloud.stackName}-${logicalId}`;
}

/** An ARN in the local account. */
export function arn({ partition, region, account }: CloudState, service: string, resource: string): string {
  return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}

export const tags = z.array(z.strictObject({ Key: z.string(), Value: z.string() })).optional();

/** Properties that are known to exist and have no effect here. */
export function withoutEffect<const N extends string>(...names: readonly N[]) {
  return Object.fromEntries(names.map((name) => [name, z.unknown().optional()])) as {
    [K in N]: z.ZodOptional<z.ZodUnknown>;
  };
}
