/** The stack's template without its bundles: in this process, in a second, where only the resources matter. */
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { readSettings } from '../../infra/settings.ts';
import { stackName, WanhookStack } from '../../infra/wanhook-stack.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface StackTemplate {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { Export?: unknown; Value: unknown }>>;
}

/** @param context the settings, as cdk.json's `context.wanhook` has them */
export const templateOf = (context: object = {}): StackTemplate =>
  Template.fromStack(stackOf(context)).toJSON() as StackTemplate;

/** The stack as constructs, not synthesized. */
export function stackOf(context: object = {}): WanhookStack {
  const settings = readSettings(context);
  const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
  return new WanhookStack(app, stackName(settings), settings);
}
