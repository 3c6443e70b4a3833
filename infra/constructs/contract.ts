/** The function that serves docs/openapi.json: it holds the document, so it may touch nothing. */
import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import { NodeFunction } from './node-function.ts';

export const contractFunction = (scope: Construct, settings: Settings): NodeFunction =>
  new NodeFunction(scope, 'OpenApi', {
    folder: 'openapi',
    environment: {},
    timeout: Duration.seconds(5),
    memorySize: 128,
    settings,
  });
