/** The shape of a synthesized CloudFormation template, as far as the local cloud knows it. */
import * as z from 'zod';
import { TemplateError } from './template-error.ts';

const resource = z.strictObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DependsOn: z.union([z.string().transform((id) => [id]), z.array(z.string())]).default([]),
  Condition: z.string().optional(),
  // What happens to a resource when the stack goes away, and notes of the CDK: neither has a meaning here.
  UpdateReplacePolicy: z.string().optional(),
  DeletionPolicy: z.string().optional(),
  Metadata: z.unknown().optional(),
});

const parameter = z.strictObject({
  Type: z.string(),
  Default: z.unknown().optional(),
  Description: z.string().optional(),
  AllowedValues: z.array(z.unknown()).optional(),
  NoEcho: z.boolean().optional(),
});

const output = z.strictObject({
  Value: z.unknown(),
  Description: z.string().optional(),
  Export: z.unknown().optional(),
  Condition: z.string().optional(),
});

const template = z.strictObject({
  AWSTemplateFormatVersion: z.string().optional(),
  Description: z.string().optional(),
  Metadata: z.unknown().optional(),
  Parameters: z.record(z.string(), parameter).default({}),
  Mappings: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Resources: z.record(z.string(), resource),
  Outputs: z.record(z.string(), output).default({}),
  // The CDK's own check that its bootstrap stack is new enough.
  Rules: z.unknown().optional(),
});

export type Template = z.output<typeof template>;
export type TemplateResource = Template['Resources'][string];

/**
 * Checks the outline of a template (sections and resource attributes, not yet any property).
 * @throws TemplateError that names what is not known.
 */
export function parseTemplate(value: unknown): Template {
  const parsed = template.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new TemplateError(`the template is not one the local cloud knows:\n${z.prettifyError(parsed.error)}`);
}
