/** The CDK app: reads the settings, makes the stack. `npx cdk deploy` and the local cloud both run this file. */
import { App } from 'aws-cdk-lib';
import { readSettings } from './settings.ts';
import { stackName, WanhookStack } from './wanhook-stack.ts';

const app = new App();
const settings = readSettings(app.node.tryGetContext('wanhook'));
new WanhookStack(app, stackName(settings), settings);
